// A model as the command line names it, in a request.
#ifndef TENSORD_CLI_MODEL_SOURCE_H_
#define TENSORD_CLI_MODEL_SOURCE_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "client/cli/io/tensor_source.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// What a model may be read from, for messages.
inline constexpr char kModelFiles[] = "an ONNX file, a .yaml or .json that describes a model, or - for standard input";

// Reads the file `file`, `-` for standard input, and sets the request's model: an ONNX file without its weights, or
// what a .yaml, .yml or .json describes; standard input is a description where it begins with text. Where `source` has
// a stream for progress, a large file's is shown there meanwhile. Errors name the file.
[[nodiscard]] absl::Status ReadModelSource(const std::string& file, TensorSource& source,
                                           v1::AnalyzeModelRequest& request);

// A line that says how far the reading of a large file is, and goes away at the end.
class ReadingLine {
 public:
  // Smaller files are read before anybody has looked.
  static constexpr int64_t kLeastBytes = int64_t{64} << 20;

  // Shows nothing where `err` is null, and for a file that is known to be smaller.
  ReadingLine(std::ostream* err, std::string name, std::optional<int64_t> size_bytes);
  ~ReadingLine();
  ReadingLine(const ReadingLine&) = delete;
  ReadingLine& operator=(const ReadingLine&) = delete;

  // `reading vgg16.onnx: 264 of 528 MiB (50 %)`, whenever another percent is there.
  void ShowRead(int64_t byte_count);
  // `vgg16.onnx: stripping weights`
  void ShowStep(const std::string& what);

 private:
  void Show(const std::string& text);

  std::ostream* const err_;
  const std::string name_;
  const std::optional<int64_t> size_bytes_;
  int64_t next_ = kLeastBytes;
  bool shown_ = false;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_SOURCE_H_
