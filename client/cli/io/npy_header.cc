#include "client/cli/io/npy_header.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/elements.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

constexpr absl::string_view kMagic = "\x93NUMPY";

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(std::string(what)); }

absl::Status ParseDescriptor(absl::string_view text, NpyHeader& header) {
  struct Row {
    const char* name;
    v1::DataType type;
  };
  static constexpr Row kRows[] = {{"f2", v1::DATA_TYPE_FLOAT16}, {"f4", v1::DATA_TYPE_FLOAT32},
                                  {"f8", v1::DATA_TYPE_FLOAT64}, {"i1", v1::DATA_TYPE_INT8},
                                  {"u1", v1::DATA_TYPE_UINT8},   {"i4", v1::DATA_TYPE_INT32},
                                  {"i8", v1::DATA_TYPE_INT64}};
  const absl::string_view order = text.substr(0, 1);
  if (order == "<" || order == ">" || order == "|" || order == "=") {
    for (const Row& row : kRows) {
      if (text.substr(1) != row.name) continue;
      header.type = row.type;
      header.big_endian = order == ">" && ItemSize(row.type) > 1;
      return absl::OkStatus();
    }
  }
  return Bad(absl::StrCat("its element type '", Escape(text),
                          "' is not supported\nexpected: f2, f4, f8, i1, u1, i4 or i8 (in numpy, array.astype('f4'))"));
}

// Reads the dictionary: a Python literal with the keys descr, fortran_order and shape, and no others.
class DictionaryParser {
 public:
  DictionaryParser(absl::string_view text, NpyHeader& header) : rest_(text), header_(header) {}

  absl::Status Parse() {
    if (!Take('{')) return Unexpected("a dictionary");
    while (!Take('}')) {
      TENSORCTL_ASSIGN_OR_RETURN(const std::string key, String());
      if (!Take(':')) return Unexpected("':'");
      TENSORCTL_RETURN_IF_ERROR(Value(key));
      if (Take(',')) continue;
      if (!Take('}')) return Unexpected("',' or '}'");
      break;
    }
    rest_ = absl::StripAsciiWhitespace(rest_);
    if (!rest_.empty()) return Unexpected("the end");
    if (!has_descriptor_ || !has_order_ || !has_shape_) {
      return Bad("its header lacks one of 'descr', 'fortran_order' and 'shape'");
    }
    return absl::OkStatus();
  }

 private:
  bool Take(char c) {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeWord(absl::string_view word) {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    if (!absl::StartsWith(rest_, word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  absl::Status Unexpected(absl::string_view wanted) const {
    return Bad(
        absl::StrCat("its header is malformed: expected ", wanted, " before '", Escape(rest_.substr(0, 20)), "'"));
  }

  absl::StatusOr<std::string> String() {
    const char quote = Take('\'') ? '\'' : '"';
    if (quote == '"' && !Take('"')) return Unexpected("a string");
    const size_t end = rest_.find(quote);
    if (end == absl::string_view::npos) return Unexpected("the end of a string");
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  absl::Status Value(const std::string& key) {
    if (key == "descr" && !has_descriptor_) {
      has_descriptor_ = true;
      if (Take('[')) return Bad("it holds records\nexpected: an array of plain numbers");
      TENSORCTL_ASSIGN_OR_RETURN(const std::string descriptor, String());
      return ParseDescriptor(descriptor, header_);
    }
    if (key == "fortran_order" && !has_order_) {
      has_order_ = true;
      header_.fortran_order = TakeWord("True");
      return header_.fortran_order || TakeWord("False") ? absl::OkStatus() : Unexpected("True or False");
    }
    if (key == "shape" && !has_shape_) {
      has_shape_ = true;
      return Shape();
    }
    return Bad(absl::StrCat("its header is malformed: the key '", Escape(key), "' is unknown or repeated"));
  }

  absl::Status Shape() {
    if (!Take('(')) return Unexpected("a tuple");
    while (!Take(')')) {
      rest_ = absl::StripLeadingAsciiWhitespace(rest_);
      const size_t length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
      const auto size = ParseInteger(rest_.substr(0, length));
      if (!size) return Unexpected("a size");
      rest_.remove_prefix(length);
      if (!rest_.empty() && rest_[0] == 'L') rest_.remove_prefix(1);  // written by Python 2
      header_.shape.push_back(*size);
      if (header_.shape.size() > kMaxRank) return Bad(absl::StrCat("its shape has more than ", kMaxRank, " axes"));
      if (Take(',')) continue;
      if (!Take(')')) return Unexpected("',' or ')'");
      break;
    }
    return absl::OkStatus();
  }

  absl::string_view rest_;
  NpyHeader& header_;
  bool has_descriptor_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

}  // namespace

absl::StatusOr<NpyHeader> ParseNpyHeader(absl::string_view file) {
  if (file.substr(0, kMagic.size()) != kMagic) return Bad("it is no .npy file: it does not begin with \\x93NUMPY");
  if (file.size() < 10) return Bad(absl::StrCat("it is truncated: ", file.size(), " bytes are less than a header"));
  const int version = static_cast<unsigned char>(file[6]);
  if (version < 1 || version > 3 || file[7] != 0) {
    return Bad(absl::StrCat("it is .npy version ", version, ".", static_cast<int>(static_cast<unsigned char>(file[7])),
                            "\nexpected: version 1.0, 2.0 or 3.0"));
  }
  const size_t length_size = version == 1 ? 2 : 4;
  size_t length = 0;
  if (file.size() < 8 + length_size) return Bad("it is truncated within its header");
  for (size_t i = 0; i < length_size; ++i) {
    length |= static_cast<size_t>(static_cast<unsigned char>(file[8 + i])) << (8 * i);
  }
  const size_t start = 8 + length_size;
  if (file.size() - start < length) {
    return Bad(
        absl::StrCat("it is truncated: the header has ", length, " bytes, but ", file.size() - start, " follow"));
  }
  NpyHeader header;
  header.size_bytes = start + length;
  TENSORCTL_RETURN_IF_ERROR(DictionaryParser(file.substr(start, length), header).Parse());
  return header;
}

}  // namespace tensord::cli
