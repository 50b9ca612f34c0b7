// Exact sums of floating-point products, for RunSums.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_EXACT_KERNEL_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_EXACT_KERNEL_H_

#include <cstdint>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/exact_sum.h"
#include "compute/src/internal/term_runs.h"
#include "tensord/compute/tensor.h"

namespace tensord::compute::internal {

// Sums of T, float or double, rounded once to the element type of `dest`.
template <typename T>
class ExactKernel {
 public:
  using State = ExactSum<T>;

  // `bias` has one element per channel, or is null.
  ExactKernel(const T* left, const T* right, const T* bias, Tensor& dest)
      : left_(left),
        right_(right),
        bias_(bias),
        dest_(dest.data()),
        format_(FormatOf(dest.type())),
        item_size_(ItemSize(dest.type())) {}

  void Begin(State& state, int64_t channel) const {
    state.Clear();
    if (bias_ != nullptr) state.Add(bias_[channel]);
  }

  void Add(State& state, const TermRun& run) const {
    const T* right = right_ + run.right_offset;
    if (run.outside) {
      // An infinity or a NaN times zero counts.
      for (int64_t i = 0; i < run.count; ++i) state.AddProduct(T{0}, right[i * run.right_step]);
      return;
    }
    const T* left = left_ + run.left_offset;
    for (int64_t i = 0; i < run.count; ++i) state.AddProduct(left[i * run.left_step], right[i * run.right_step]);
  }

  void Finish(State& state, int64_t dest, int64_t) const {
    StoreBits(dest_, dest, item_size_, state.Round(1, format_));
  }

 private:
  const T* left_;
  const T* right_;
  const T* bias_;
  void* dest_;
  const BinaryFormat format_;
  const int64_t item_size_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_EXACT_KERNEL_H_
