// Networks as graphs, built one layer after the other.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_NETWORK_BUILDER_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_NETWORK_BUILDER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/analysis/graph.h"

namespace tensord::analysis::networks {

// A tensor of the network, and how many channels, or features, it has.
struct Tensor {
  std::string name;
  int64_t channels = 0;
};

// A convolution's filters, which are square.
struct Filters {
  int64_t channels;  // of the output
  int64_t kernel;
  int64_t stride = 1;
  int64_t padding = 0;  // on each side
  int64_t groups = 1;
  bool bias = true;
};

// Square windows of a pooling.
struct Window {
  int64_t kernel;
  int64_t stride;
  int64_t padding = 0;
  bool partial = false;  // whether one that reaches beyond the end counts
};

// Every function adds the node of its name, and gives what it computes; weights are initializers without values.
class NetworkBuilder {
 public:
  // The input is N x channels x size x size.
  NetworkBuilder(std::string name, int64_t channels, int64_t size);

  [[nodiscard]] Tensor input() const { return input_; }
  // Names of the nodes from here on begin with `stage` and a slash.
  void Stage(absl::string_view stage) { stage_ = std::string(stage); }

  Tensor Conv(const Tensor& x, const Filters& filters);
  Tensor BatchNormalization(const Tensor& x);
  // Over so many channels.
  Tensor LocalResponseNormalization(const Tensor& x, int64_t size);
  Tensor Relu(const Tensor& x) { return Simple("Relu", x); }
  Tensor Tanh(const Tensor& x) { return Simple("Tanh", x); }
  // To 0..6.
  Tensor Relu6(const Tensor& x);
  Tensor MaxPool(const Tensor& x, const Window& window) { return Pool("MaxPool", x, window); }
  Tensor AveragePool(const Tensor& x, const Window& window) { return Pool("AveragePool", x, window); }
  Tensor GlobalAveragePool(const Tensor& x) { return Simple("GlobalAveragePool", x); }
  // Of `positions` pixels with x.channels each.
  Tensor Flatten(const Tensor& x, int64_t positions = 1);
  Tensor Dense(const Tensor& x, int64_t features);
  Tensor Add(const Tensor& a, const Tensor& b);
  Tensor Concat(const std::vector<Tensor>& parts);
  // Every channel times a coefficient of its own, and a bias of its own added to it.
  Tensor Scale(const Tensor& x);
  // These channels alone.
  Tensor Channels(const Tensor& x, const std::vector<int64_t>& which);
  // Every second row and column, and channels of zeros behind the others, until there are so many.
  Tensor SubsampleAndPad(const Tensor& x, int64_t stride, int64_t channels);
  // Squared distances of a vector to so many fixed ones, which nobody trains.
  Tensor SquaredDistances(const Tensor& x, int64_t vectors);

  // The network, which gives `output`.
  [[nodiscard]] Graph Finish(const Tensor& output) &&;

 private:
  using Attributes = std::map<std::string, AttributeValue>;

  Tensor Node(absl::string_view op_type, std::vector<std::string> inputs, int64_t channels, Attributes attributes = {});
  Tensor Simple(absl::string_view op_type, const Tensor& x) { return Node(op_type, {x.name}, x.channels); }
  Tensor Pool(absl::string_view op_type, const Tensor& x, const Window& window);
  // A new initializer's name.
  std::string Weights(std::vector<Dimension> shape);
  std::string Integers(std::vector<int64_t> values);
  std::string Number(double value);

  Graph graph_;
  Tensor input_;
  std::string stage_ = "network";
};

}  // namespace tensord::analysis::networks

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_NETWORK_BUILDER_H_
