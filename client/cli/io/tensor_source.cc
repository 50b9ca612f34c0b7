#include "client/cli/io/tensor_source.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/elements.h"
#include "client/cli/io/csv.h"
#include "client/cli/io/file.h"
#include "client/cli/io/image.h"
#include "client/cli/io/json_tensor.h"
#include "client/cli/io/npy.h"
#include "client/cli/io/npz.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using OptionalType = std::optional<v1::DataType>;

// A file kind: its ending, and how its contents become a tensor. `type` matters to the kinds that have none themselves.
struct FileKind {
  const char* ending;
  absl::StatusOr<v1::Tensor> (*read)(absl::string_view contents, v1::DataType type);
};

constexpr FileKind kFileKinds[] = {
    {".npy", [](absl::string_view contents, v1::DataType) { return ReadNpy(contents); }},
    {".json", [](absl::string_view contents, v1::DataType type) { return ReadJsonTensor(contents, type); }},
    {".csv", [](absl::string_view contents, v1::DataType type) { return ReadCsv(contents, type); }},
    {".png", [](absl::string_view contents, v1::DataType) { return ReadPng(contents); }},
    {".pgm", [](absl::string_view contents, v1::DataType) { return ReadPgm(contents); }},
};

absl::Status About(absl::string_view subject, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(subject, ": ", status.message()));
}

absl::StatusOr<v1::Tensor> Converted(absl::StatusOr<v1::Tensor> tensor, OptionalType type) {
  if (!tensor.ok() || !type) return tensor;
  return ConvertTo(*tensor, *type);
}

absl::StatusOr<v1::Tensor> LoadFile(const std::string& path, const FileKind& kind, OptionalType type) {
  const std::string subject = absl::StrCat("'", Escape(path), "'");
  const absl::StatusOr<std::string> contents = ReadWholeFile(path);
  if (!contents.ok()) return About(subject, contents.status());
  auto tensor = Converted(kind.read(*contents, type.value_or(v1::DATA_TYPE_FLOAT32)), type);
  if (!tensor.ok()) return About(subject, tensor.status());
  return tensor;
}

// FILE.npz:NAME
absl::StatusOr<v1::Tensor> LoadArchived(const std::string& text, size_t colon, OptionalType type) {
  const std::string path = text.substr(0, colon);
  const std::string subject = absl::StrCat("'", Escape(path), "'");
  if (colon + 1 >= text.size()) {
    return absl::InvalidArgumentError(absl::StrCat(subject, ": name the array: FILE.npz:NAME"));
  }
  const absl::StatusOr<std::string> contents = ReadWholeFile(path);
  if (!contents.ok()) return About(subject, contents.status());
  auto tensor = Converted(ReadNpz(*contents, text.substr(colon + 1)), type);
  if (!tensor.ok()) return About(subject, tensor.status());
  return tensor;
}

}  // namespace

absl::StatusOr<v1::Tensor> TensorSource::LoadAny(const std::string& text, OptionalType type) {
  const v1::DataType text_type = type.value_or(v1::DATA_TYPE_FLOAT32);
  if (text == "-") {
    TENSORCTL_ASSIGN_OR_RETURN(const std::string contents, ReadWholeStream(standard_input_));
    auto tensor = ReadJsonTensor(contents, text_type);
    if (!tensor.ok()) return About("standard input", tensor.status());
    return tensor;
  }
  const std::string trimmed(absl::StripAsciiWhitespace(text));
  if (absl::StartsWith(trimmed, "[") || absl::StartsWith(trimmed, "\"") || ParseDouble(trimmed)) {
    return ReadJsonTensor(trimmed, text_type);
  }
  const std::string lower = absl::AsciiStrToLower(text);
  for (const FileKind& kind : kFileKinds) {
    if (absl::EndsWith(lower, kind.ending)) return LoadFile(text, kind, type);
  }
  if (const size_t end = lower.rfind(".npz:"); end != std::string::npos) return LoadArchived(text, end + 4, type);
  if (absl::EndsWith(lower, ".npz")) return LoadArchived(text, text.size(), type);
  return absl::InvalidArgumentError(
      absl::StrCat("'", Escape(text), "' is no tensor, and no file of a known kind\nexpected: ", kTensorSyntax));
}

absl::StatusOr<v1::Tensor> TensorSource::Load(const std::string& flag, const std::string& text, OptionalType type) {
  if (text == "-") {
    if (!standard_input_flag_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, ": standard input was already read for ", standard_input_flag_));
    }
    standard_input_flag_ = flag;
  }
  auto tensor = LoadAny(text, type);
  if (!tensor.ok()) return About(flag, tensor.status());
  return tensor;
}

absl::Status CheckOutputName(const std::string& flag, const std::string& path) {
  const std::string lower = absl::AsciiStrToLower(path);
  if (absl::EndsWith(lower, ".npy") || absl::EndsWith(lower, ".json")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": cannot tell the format of '", Escape(path), "'\nexpected: a name ending in .npy or .json"));
}

absl::Status WriteTensor(const std::string& path, const v1::Tensor& tensor) {
  absl::StatusOr<std::string> bytes;
  if (absl::EndsWith(absl::AsciiStrToLower(path), ".npy")) {
    bytes = WriteNpy(tensor);
  } else {
    const absl::StatusOr<Elements> elements = Elements::Of(tensor);
    bytes = elements.ok() ? absl::StatusOr<std::string>(JsonLists(*elements) + "\n") : elements.status();
  }
  absl::Status written = bytes.ok() ? WriteWholeFile(path, *bytes) : bytes.status();
  return written.ok() ? written : About(absl::StrCat("'", Escape(path), "'"), written);
}

}  // namespace tensord::cli
