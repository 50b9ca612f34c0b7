// Tensors as flags name them.
#ifndef TENSORD_CLI_IO_TENSOR_SOURCE_H_
#define TENSORD_CLI_IO_TENSOR_SOURCE_H_

#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli {

// How T in `--input T` is written; for help texts and errors.
inline constexpr char kTensorSyntax[] =
    "FILE.npy, FILE.npz:NAME, FILE.json, FILE.csv, FILE.png, FILE.pgm, - (JSON on standard input) or [[1,2],[3,4]]";

// Loads the tensors of one command.
class TensorSource {
 public:
  // `standard_input` is read for `-`, once. `progress` is where somebody watches; null where nobody does.
  explicit TensorSource(std::istream& standard_input, std::ostream* progress = nullptr)
      : standard_input_(standard_input), progress_(progress) {}

  // The tensor that `text`, the value of `flag`, names. A .npy keeps its type, an image is uint8, everything else is
  // float32, unless `type` asks for another. Errors begin with the flag.
  [[nodiscard]] absl::StatusOr<v1::Tensor> Load(const std::string& flag, const std::string& text,
                                                std::optional<v1::DataType> type);

  // For commands that take something else from there.
  [[nodiscard]] std::istream& standard_input() { return standard_input_; }
  [[nodiscard]] std::ostream* progress() { return progress_; }

 private:
  absl::StatusOr<v1::Tensor> LoadAny(const std::string& text, std::optional<v1::DataType> type);

  std::istream& standard_input_;
  std::ostream* progress_;
  std::string standard_input_flag_;  // which flag has read it
};

// Refuses a name that WriteTensor would: neither .npy nor .json.
[[nodiscard]] absl::Status CheckOutputName(const std::string& flag, const std::string& path);

// Writes .npy, or nested lists to .json, by the name's ending.
[[nodiscard]] absl::Status WriteTensor(const std::string& path, const v1::Tensor& tensor);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_IO_TENSOR_SOURCE_H_
