// A v1.Model as it grows, layer by layer.
#ifndef TENSORD_CLI_MODEL_FILE_BUILDER_H_
#define TENSORD_CLI_MODEL_FILE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tensord/v1/model_graph.pb.h"

namespace tensord::cli::model_file {

// What is known of a tensor: enough to write attributes, which ONNX wants for each axis, and depthwise convolutions.
struct Tensor {
  std::string name;
  size_t rank = 0;
  std::optional<int64_t> channels;  // the size of axis 1, where it is known

  [[nodiscard]] size_t spatial() const { return rank < 2 ? 0 : rank - 2; }
};

// A size of a parameter that is left open.
inline constexpr int64_t kOpenSize = -1;

// Names are made unique: `conv1`, `conv1_2`.
class Builder {
 public:
  // What a file of a megabyte may become. Names are counted by their bytes, again for each node that takes them, which
  // is an entry; sizes and whole numbers of parameters are entries too. An entry costs 16 bytes more.
  static constexpr size_t kMaxNodes = size_t{1} << 17;
  static constexpr size_t kMaxBytes = size_t{64} << 20;

  explicit Builder(v1::Model& model) : model_(model) {}

  [[nodiscard]] v1::Model& model() { return model_; }
  // Whether the model is within the bounds; the builder adds nothing beyond them.
  [[nodiscard]] bool fits() const { return fits_; }
  // That something is repeated that need not add a node.
  void CountStep();
  // That something of the model takes so many bytes beside what the calls below count.
  void CountBytes(size_t bytes);

  [[nodiscard]] std::string UniqueName(absl::string_view name);
  [[nodiscard]] std::string AddParameter(absl::string_view name, const std::vector<int64_t>& shape);
  [[nodiscard]] std::string AddIntegers(absl::string_view name, const std::vector<int64_t>& values);
  // A tensor of one real, or of several along an axis.
  [[nodiscard]] std::string AddReal(absl::string_view name, double value);
  [[nodiscard]] std::string AddReals(absl::string_view name, const std::vector<double>& values);
  // The node has the name, and its first output too, unless another tensor is called so.
  v1::ModelNode& AddNode(absl::string_view name, absl::string_view op, const std::vector<std::string>& inputs);

 private:
  v1::Model& model_;
  absl::flat_hash_set<std::string> names_;
  v1::ModelNode spare_;  // takes what is beyond the bounds
  size_t steps_ = 0;
  size_t bytes_ = 0;
  bool fits_ = true;
};

void SetIntegers(v1::ModelNode& node, const std::string& name, const std::vector<int64_t>& values);
void SetInteger(v1::ModelNode& node, const std::string& name, int64_t value);
void SetReal(v1::ModelNode& node, const std::string& name, double value);
void SetText(v1::ModelNode& node, const std::string& name, absl::string_view value);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_BUILDER_H_
