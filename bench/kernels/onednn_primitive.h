// A primitive of oneDNN that reads a problem's plain tensors and writes a plain one.
#ifndef TENSORD_BENCH_KERNELS_ONEDNN_PRIMITIVE_H_
#define TENSORD_BENCH_KERNELS_ONEDNN_PRIMITIVE_H_

#include <cstdint>
#include <dnnl.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/kernels/problem.h"

namespace tensord::bench {

// A primitive, and where its tensors lie: as the problem has them, and as the primitive wants them.
class OneDnnPrimitive {
 public:
  static constexpr auto kType = dnnl::memory::data_type::f32;

  // Primitives that share memory share an engine.
  OneDnnPrimitive(dnnl::engine engine, int threads) : threads_(threads), engine_(std::move(engine)), stream_(engine_) {}

  template <typename Primitive>
  void Set(const typename Primitive::primitive_desc& chosen) {
    primitive_ = Primitive(chosen);
    implementation_ = chosen.impl_info_str();
  }
  // `tensor` outlives the primitive.
  void AddInput(int argument, const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted,
                const compute::Tensor& tensor);
  void SetOutput(int argument, const dnnl::memory::desc& plain, const dnnl::memory::desc& chosen);
  // What the primitive has for itself, or takes from another one.
  void AddMemory(int argument, const dnnl::memory& memory) { arguments_.emplace(argument, memory); }

  // Has the inputs where the primitive wants them: for Run() without reorders.
  void ReorderInputs();
  // Seconds. `reorders`: from plain tensors to a plain one, or the primitive alone.
  double Run(int64_t iterations, bool reorders);
  // What the last run computed.
  [[nodiscard]] const std::vector<float>& Result();
  [[nodiscard]] const std::string& implementation() const { return implementation_; }

 private:
  struct Reorder {
    dnnl::memory from;
    dnnl::memory to;
    dnnl::reorder primitive;
  };

  int threads_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::primitive primitive_;
  std::string implementation_;
  std::unordered_map<int, dnnl::memory> arguments_;
  std::vector<Reorder> inputs_;
  std::optional<Reorder> output_;
  std::vector<float> result_;
};

// float32 only; oneDNN throws dnnl::error where it has no implementation. The layouts of a convolution are those that
// the primitive chooses.
[[nodiscard]] std::shared_ptr<OneDnnPrimitive> OneDnnConvolution(const Problem& problem, int threads);
// A pooling takes the layout that it is given: the plain one, or `own_layout`, channels in blocks of a vector each.
[[nodiscard]] std::shared_ptr<OneDnnPrimitive> OneDnnPooling(const Problem& problem, int threads, bool own_layout);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_ONEDNN_PRIMITIVE_H_
