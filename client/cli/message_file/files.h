// The files that a file names, and only those that it may.
#ifndef TENSORD_CLI_MESSAGE_FILE_FILES_H_
#define TENSORD_CLI_MESSAGE_FILE_FILES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli::message_file {

struct FilesOptions {
  // Whether names may lead out of the folder: the flag --allow-outside of the commands.
  bool allow_outside = false;
  // Of one file, and of all that one file names.
  int64_t max_file_bytes = int64_t{64} << 20;
  int64_t max_total_bytes = int64_t{192} << 20;
};

// Reads the files that one file names, relative to its folder.
//
// Errors name the file, what is wrong with it and what to do: an absolute name, one with `..`, or a link that leads out
// of the folder; what is no regular file, so that no pipe is waited for; more bytes than the options allow. A
// submission comes from whoever sent it, and must not read what the one who grades it may read.
class Files {
 public:
  explicit Files(std::string folder, FilesOptions options = {}) : folder_(std::move(folder)), options_(options) {}

  // X.npy, X.npz:NAME, X.csv or X.json; the last two, which have no type of their own, as `type`.
  [[nodiscard]] absl::StatusOr<v1::Tensor> ReadTensor(absl::string_view name, v1::DataType type);
  // A tensor as float64, or the text of X.txt or X.md.
  [[nodiscard]] absl::Status ReadAnswer(absl::string_view name, v1::StudentAnswer& answer);
  // An ONNX file, of which the weights stay behind, or a description of a model.
  [[nodiscard]] absl::Status ReadModel(absl::string_view name, v1::AnalyzeModelRequest& request) const;

 private:
  // The file's real path, seen to be allowed.
  [[nodiscard]] absl::StatusOr<std::string> Locate(absl::string_view name) const;
  [[nodiscard]] absl::StatusOr<std::string> ReadBytes(absl::string_view name);
  // Counts the bytes of a file, or of what became of it, towards the total.
  [[nodiscard]] absl::Status Spend(absl::string_view name, int64_t byte_count);

  std::string folder_;
  FilesOptions options_;
  int64_t total_bytes_ = 0;
};

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_FILES_H_
