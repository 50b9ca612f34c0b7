#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/elements.h"
#include "client/cli/io/image.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(std::string(what)); }

// Reads tokens between blanks and comments.
class PgmReader {
 public:
  explicit PgmReader(absl::string_view file) : file_(file) {}

  absl::StatusOr<int64_t> Number(absl::string_view what) {
    SkipBlanks();
    const size_t start = at_;
    while (at_ < file_.size() && absl::ascii_isdigit(static_cast<unsigned char>(file_[at_]))) ++at_;
    if (at_ == file_.size() && start == at_) return Bad(absl::StrCat("it is truncated: ", what, " is not there"));
    const std::optional<int64_t> number = ParseInteger(file_.substr(start, at_ - start));
    if (!number) return Bad(absl::StrCat(what, " is no number: '", Escape(file_.substr(start, 12)), "'"));
    return *number;
  }

  void SkipBlanks() {
    while (at_ < file_.size()) {
      if (file_[at_] == '#') {
        while (at_ < file_.size() && file_[at_] != '\n') ++at_;
      } else if (absl::ascii_isspace(static_cast<unsigned char>(file_[at_]))) {
        ++at_;
      } else {
        return;
      }
    }
  }

  absl::string_view rest() const { return file_.substr(at_); }
  void Skip(size_t count) { at_ += count; }

 private:
  absl::string_view file_;
  size_t at_ = 0;
};

absl::Status CheckSample(int64_t value, int64_t maximum, int64_t i, const std::vector<int64_t>& shape) {
  if (value <= maximum) return absl::OkStatus();
  return Bad(absl::StrCat("sample ", PlaceText(i, shape), " is ", value, ", above the file's maximum ", maximum));
}

absl::StatusOr<std::string> BinarySamples(PgmReader& reader, int64_t count, int64_t maximum,
                                          const std::vector<int64_t>& shape) {
  // Exactly one blank stands between the maximum and the samples.
  if (reader.rest().empty() || !absl::ascii_isspace(static_cast<unsigned char>(reader.rest()[0]))) {
    return Bad("it is truncated: no samples follow its header");
  }
  reader.Skip(1);
  const absl::string_view samples = reader.rest();
  if (static_cast<int64_t>(samples.size()) != count) {
    return Bad(absl::StrCat(static_cast<int64_t>(samples.size()) < count ? "it is truncated" : "it is too long", ": ",
                            ShapeText(shape), " samples are ", count, " bytes, but ", samples.size(), " follow"));
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t value = static_cast<unsigned char>(samples[static_cast<size_t>(i)]);
    TENSORCTL_RETURN_IF_ERROR(CheckSample(value, maximum, i, shape));
  }
  return std::string(samples);
}

absl::StatusOr<std::string> PlainSamples(PgmReader& reader, int64_t count, int64_t maximum,
                                         const std::vector<int64_t>& shape) {
  std::string samples;
  for (int64_t i = 0; i < count; ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t value, reader.Number(absl::StrCat("sample ", PlaceText(i, shape))));
    TENSORCTL_RETURN_IF_ERROR(CheckSample(value, maximum, i, shape));
    samples += static_cast<char>(static_cast<unsigned char>(value));
  }
  reader.SkipBlanks();
  if (!reader.rest().empty()) return Bad(absl::StrCat("it is too long: more follows its ", count, " samples"));
  return samples;
}

}  // namespace

absl::StatusOr<v1::Tensor> ReadPgm(absl::string_view file) {
  const absl::string_view magic = file.substr(0, 2);
  if (magic != "P5" && magic != "P2") return Bad("it is no PGM file: it begins with neither P5 nor P2");
  PgmReader reader(file);
  reader.Skip(2);
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t width, reader.Number("the width"));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t height, reader.Number("the height"));
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t maximum, reader.Number("the maximum"));
  if (width < 1 || height < 1) return Bad("its width or height is 0");
  if (maximum < 1 || maximum > 255) {
    return Bad(absl::StrCat("its maximum is ", maximum, "\nexpected: 1..255 (or save the image as a .npy file)"));
  }
  const std::vector<int64_t> shape = {height, width};
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape, v1::DATA_TYPE_UINT8));
  TENSORCTL_ASSIGN_OR_RETURN(std::string samples, magic == "P5" ? BinarySamples(reader, count, maximum, shape)
                                                                : PlainSamples(reader, count, maximum, shape));
  return MakeTensor(v1::DATA_TYPE_UINT8, shape, std::move(samples));
}

}  // namespace tensord::cli
