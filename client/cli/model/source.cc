#include "client/cli/model/source.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/io/file.h"
#include "client/cli/model_file/read.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"
#include "tensord/analysis/onnx.h"

namespace tensord::cli {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

std::optional<int64_t> SizeOf(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return std::nullopt;
  return static_cast<int64_t>(size);
}

std::string NameOf(const std::string& file) { return file == "-" ? "standard input" : Escape(file); }

absl::StatusOr<std::string> ReadBytes(const std::string& file, TensorSource& source, ReadingLine& line) {
  const auto show = [&](int64_t byte_count) { line.ShowRead(byte_count); };
  absl::StatusOr<std::string> bytes =
      file == "-" ? ReadWholeStream(source.standard_input(), show) : ReadWholeFile(file, show);
  if (bytes.ok()) return bytes;
  return absl::InvalidArgumentError(
      absl::StrCat("cannot read ", Escape(file), ": ", bytes.status().message(), "\nexpected: ", kModelFiles));
}

}  // namespace

ReadingLine::ReadingLine(std::ostream* err, std::string name, std::optional<int64_t> size_bytes)
    : err_(size_bytes.value_or(kLeastBytes) < kLeastBytes ? nullptr : err),
      name_(std::move(name)),
      size_bytes_(size_bytes),
      next_(size_bytes.has_value() ? 0 : kLeastBytes) {}

ReadingLine::~ReadingLine() {
  if (shown_) *err_ << "\r\x1b[K" << std::flush;
}

void ReadingLine::Show(const std::string& text) {
  *err_ << "\r" << text << "\x1b[K" << std::flush;
  shown_ = true;
}

void ReadingLine::ShowRead(int64_t byte_count) {
  if (err_ == nullptr || byte_count < next_) return;
  if (!size_bytes_.has_value()) {
    next_ = byte_count + 8 * kMebibyte;
    return Show(absl::StrCat("reading ", name_, ": ", byte_count / kMebibyte, " MiB"));
  }
  const int64_t percent = *size_bytes_ / 100 + 1;
  next_ = (byte_count / percent + 1) * percent;
  Show(absl::StrCat("reading ", name_, ": ", byte_count / kMebibyte, " of ", *size_bytes_ / kMebibyte, " MiB (",
                    std::min(byte_count / percent, int64_t{100}), " %)"));
}

void ReadingLine::ShowStep(const std::string& what) {
  if (err_ != nullptr && (shown_ || size_bytes_.has_value())) Show(absl::StrCat(name_, ": ", what));
}

absl::Status ReadModelSource(const std::string& file, TensorSource& source, v1::AnalyzeModelRequest& request) {
  ReadingLine line(source.progress(), NameOf(file), file == "-" ? std::nullopt : SizeOf(file));
  TENSORCTL_ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(file, source, line));
  if (file == "-" ? model_file::LooksLikeText(bytes) : model_file::IsModelFileName(file)) {
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_graph(), model_file::ReadModel(bytes, NameOf(file)));
    return absl::OkStatus();
  }
  line.ShowStep("stripping weights");
  absl::StatusOr<std::string> stripped = analysis::StripWeights(bytes);
  if (!stripped.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Escape(file), ": ", stripped.status().message(), "\nexpected: an ONNX file"));
  }
  *request.mutable_onnx() = *std::move(stripped);
  return absl::OkStatus();
}

}  // namespace tensord::cli
