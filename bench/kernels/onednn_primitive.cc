#include "bench/kernels/onednn_primitive.h"

#include <omp.h>

#include "bench/kernels/candidate.h"

namespace tensord::bench {

using dnnl::memory;

void OneDnnPrimitive::AddInput(int argument, const memory::desc& plain, const memory::desc& wanted,
                               const compute::Tensor& tensor) {
  // oneDNN does not write what it reads, but has no pointers to const.
  const memory given(plain, engine_, const_cast<void*>(tensor.view().data));  // NOLINT(*-const-cast)
  if (plain == wanted) {
    arguments_.emplace(argument, given);
    return;
  }
  const memory own(wanted, engine_);
  inputs_.push_back({.from = given, .to = own, .primitive = dnnl::reorder(given, own)});
  arguments_.emplace(argument, own);
}

void OneDnnPrimitive::SetOutput(int argument, const memory::desc& plain, const memory::desc& chosen) {
  result_.resize(plain.get_size() / sizeof(float));
  const memory given(plain, engine_, result_.data());
  if (plain == chosen) {
    arguments_.emplace(argument, given);
    return;
  }
  const memory own(chosen, engine_);
  output_ = Reorder{.from = own, .to = given, .primitive = dnnl::reorder(own, given)};
  arguments_.emplace(argument, own);
}

void OneDnnPrimitive::ReorderInputs() {
  omp_set_num_threads(threads_);
  for (Reorder& reorder : inputs_) reorder.primitive.execute(stream_, reorder.from, reorder.to);
  stream_.wait();
}

double OneDnnPrimitive::Run(int64_t iterations, bool reorders) {
  omp_set_num_threads(threads_);
  return SecondsOf(iterations, [&] {
    if (reorders) {
      for (Reorder& reorder : inputs_) reorder.primitive.execute(stream_, reorder.from, reorder.to);
    }
    primitive_.execute(stream_, arguments_);
    if (reorders && output_.has_value()) output_->primitive.execute(stream_, output_->from, output_->to);
    stream_.wait();
  });
}

const std::vector<float>& OneDnnPrimitive::Result() {
  if (output_.has_value()) output_->primitive.execute(stream_, output_->from, output_->to);
  stream_.wait();
  return result_;
}

}  // namespace tensord::bench
