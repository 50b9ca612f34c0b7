#include "client/cli/message_file/files.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/io/csv.h"
#include "client/cli/io/file.h"
#include "client/cli/io/json_tensor.h"
#include "client/cli/io/npy.h"
#include "client/cli/io/npz.h"
#include "client/cli/io/tensor_source.h"
#include "client/cli/message_file/utf8.h"
#include "client/cli/model/source.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::message_file {
namespace {

constexpr absl::string_view kTensorFiles = "X.npy, X.npz:NAME, X.csv or X.json";
constexpr size_t kMaxName = 1024;

std::string Quoted(absl::string_view name) { return absl::StrCat("\"", Escape(name.substr(0, 256)), "\""); }

absl::Status Error(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("names the file ", Quoted(name), ", ", what));
}

// FILE.npz and NAME of FILE.npz:NAME; NAME is empty where there is none.
std::pair<absl::string_view, absl::string_view> SplitArchive(absl::string_view name) {
  const size_t found = absl::AsciiStrToLower(name).rfind(".npz:");
  if (found == std::string::npos) return {name, ""};
  return {name.substr(0, found + 4), name.substr(found + 5)};
}

// Whether `path` is `folder` or below it; both without links and dots.
bool IsWithin(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

absl::Status CheckName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxName || absl::StrContains(name, absl::string_view("\0", 1))) {
    return Error(name, absl::StrCat("has to be a name of 1..", kMaxName, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckStaysInside(absl::string_view name, const std::filesystem::path& path) {
  constexpr absl::string_view kRemedy =
      "; put it beside the file that names it or in a folder below, or allow it with --allow-outside";
  if (path.is_absolute()) return Error(name, absl::StrCat("which is absolute, has to be relative", kRemedy));
  if (std::find(path.begin(), path.end(), "..") != path.end()) {
    return Error(name, absl::StrCat("which has \"..\" in it, has to stay in the folder", kRemedy));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Tensor> Decode(absl::string_view name, absl::string_view bytes, v1::DataType type) {
  const auto [file, member] = SplitArchive(name);
  const std::string lower = absl::AsciiStrToLower(file);
  if (absl::EndsWith(lower, ".npz")) return ReadNpz(bytes, std::string(member));
  if (absl::EndsWith(lower, ".npy")) return ReadNpy(bytes);
  if (absl::EndsWith(lower, ".csv")) return ReadCsv(bytes, type);
  return ReadJsonTensor(bytes, type);
}

bool IsTensorName(absl::string_view name) {
  const auto [file, member] = SplitArchive(name);
  const std::string lower = absl::AsciiStrToLower(file);
  if (absl::EndsWith(lower, ".npz")) return !member.empty();
  return absl::EndsWith(lower, ".npy") || absl::EndsWith(lower, ".csv") || absl::EndsWith(lower, ".json");
}

bool IsTextName(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  return absl::EndsWith(lower, ".txt") || absl::EndsWith(lower, ".md");
}

}  // namespace

absl::StatusOr<std::string> Files::Locate(absl::string_view name) const {
  TENSORCTL_RETURN_IF_ERROR(CheckName(name));
  const std::filesystem::path relative{std::string(name)};
  if (!options_.allow_outside) TENSORCTL_RETURN_IF_ERROR(CheckStaysInside(name, relative));
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(folder_.empty() ? "." : folder_, error);
  if (error) return Error(name, absl::StrCat("whose folder cannot be read: ", error.message()));
  const std::filesystem::path path = std::filesystem::canonical(folder / relative, error);
  if (error) return Error(name, absl::StrCat("which cannot be read: ", error.message()));
  if (!options_.allow_outside && !IsWithin(path, folder)) {
    return Error(name,
                 "a link that leads out of the folder; put the file itself there, or allow it with --allow-outside");
  }
  if (!std::filesystem::is_regular_file(path, error)) return Error(name, "which is no file, has to be one");
  return path.string();
}

absl::Status Files::Spend(absl::string_view name, int64_t byte_count) {
  if (byte_count > options_.max_total_bytes - total_bytes_) {
    return Error(name, absl::StrCat("with which all files together have more than ", options_.max_total_bytes,
                                    " bytes; use fewer or smaller ones"));
  }
  total_bytes_ += byte_count;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Files::ReadBytes(absl::string_view name) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::string path, Locate(name));
  std::error_code error;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path, error));
  if (error) return Error(name, absl::StrCat("which cannot be read: ", error.message()));
  if (size > options_.max_file_bytes) {
    return Error(name, absl::StrCat("which has ", size, " bytes, has to have at most ", options_.max_file_bytes));
  }
  TENSORCTL_RETURN_IF_ERROR(Spend(name, size));
  absl::StatusOr<std::string> bytes = ReadWholeFile(path);
  if (!bytes.ok()) return Error(name, absl::StrCat("which cannot be read: ", bytes.status().message()));
  // It may have grown since.
  if (static_cast<int64_t>(bytes->size()) > size) return Error(name, "which is being written to; try again");
  return bytes;
}

absl::StatusOr<v1::Tensor> Files::ReadTensor(absl::string_view name, v1::DataType type) {
  if (!IsTensorName(name)) return Error(name, absl::StrCat("has to be ", kTensorFiles));
  TENSORCTL_ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(SplitArchive(name).first));
  absl::StatusOr<v1::Tensor> tensor = Decode(name, bytes, type);
  if (!tensor.ok()) return Error(name, absl::StrCat("which is no tensor: ", tensor.status().message()));
  // An archive may hold far more than it has bytes, and be named often.
  TENSORCTL_RETURN_IF_ERROR(
      Spend(name, static_cast<int64_t>(tensor->data().size() - std::min(tensor->data().size(), bytes.size()))));
  return tensor;
}

absl::Status Files::ReadAnswer(absl::string_view name, v1::StudentAnswer& answer) {
  if (!IsTextName(name)) {
    if (!IsTensorName(name)) return Error(name, absl::StrCat("has to be ", kTensorFiles, ", X.txt or X.md"));
    TENSORCTL_ASSIGN_OR_RETURN(*answer.mutable_tensor(), ReadTensor(name, v1::DATA_TYPE_FLOAT64));
    return absl::OkStatus();
  }
  TENSORCTL_ASSIGN_OR_RETURN(std::string text, ReadBytes(name));
  if (!IsUtf8(text)) return Error(name, "which is no text in UTF-8; save it as such");
  answer.set_text(std::move(text));
  return absl::OkStatus();
}

absl::Status Files::ReadModel(absl::string_view name, v1::AnalyzeModelRequest& request) const {
  TENSORCTL_ASSIGN_OR_RETURN(const std::string path, Locate(name));
  std::istringstream nothing;
  TensorSource source(nothing);
  const absl::Status read = ReadModelSource(path, source, request);
  if (!read.ok()) return Error(name, absl::StrCat("which is no model: ", read.message()));
  return absl::OkStatus();
}

}  // namespace tensord::cli::message_file
