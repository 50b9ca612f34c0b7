#include <memory>

#include "bench/kernels/onednn_primitive.h"

namespace tensord::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

// Blocks of as many channels as a vector holds: what its convolutions before and after a pooling use.
Tag BlockedTag() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
    case dnnl::cpu_isa::avx:
    case dnnl::cpu_isa::avx2:
    case dnnl::cpu_isa::avx2_vnni:
      return Tag::nChw8c;
    default:
      return Tag::nChw16c;
  }
}

}  // namespace

std::shared_ptr<OneDnnPrimitive> OneDnnPooling(const Problem& problem, int threads, bool own_layout) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  auto result = std::make_shared<OneDnnPrimitive>(engine, threads);
  constexpr auto kType = OneDnnPrimitive::kType;
  const Layer& layer = problem.layer;
  const memory::dims x = {problem.batch, layer.input_channels, layer.input_height, layer.input_width};
  const memory::dims y = {problem.batch, layer.output_channels, layer.output_height, layer.output_width};
  const Tag plain_tag = problem.layout == Layout::kNchw ? Tag::nchw : Tag::nhwc;
  const Tag tag = own_layout ? BlockedTag() : plain_tag;
  const memory::desc plain_x(x, kType, plain_tag);
  const memory::desc plain_y(y, kType, plain_tag);
  const memory::desc wanted_x(x, kType, tag);
  const memory::desc wanted_y(y, kType, tag);
  const memory::dims strides = {layer.stride_height, layer.stride_width};
  const memory::dims window = {layer.window_height, layer.window_width};
  const memory::dims begin = {layer.pad_top, layer.pad_left};
  const memory::dims end = {layer.pad_bottom(), layer.pad_right()};
  const bool maximum = layer.operation == Operation::kMaxPooling;
  const auto algorithm = maximum ? dnnl::algorithm::pooling_max : dnnl::algorithm::pooling_avg_exclude_padding;
  const auto kind =
      problem.pass == Pass::kForward ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training;
  const dnnl::pooling_forward::primitive_desc forward(
      {kind, algorithm, wanted_x, wanted_y, strides, window, begin, end}, engine);
  // The places of the maxima, which oneDNN keeps in bytes where a window is small.
  const bool places = maximum && problem.pass != Pass::kForward;
  const memory workspace = places ? memory(forward.workspace_desc(), engine) : memory();
  const auto forwards = [&](OneDnnPrimitive& primitive) {
    primitive.Set<dnnl::pooling_forward>(forward);
    primitive.AddInput(DNNL_ARG_SRC, plain_x, wanted_x, problem.x);
    primitive.SetOutput(DNNL_ARG_DST, plain_y, wanted_y);
    if (places) primitive.AddMemory(DNNL_ARG_WORKSPACE, workspace);
    primitive.ReorderInputs();
  };
  if (problem.pass != Pass::kBackwardData) {
    forwards(*result);
    return result;
  }
  if (places) {
    OneDnnPrimitive before(engine, threads);
    forwards(before);
    before.Run(1, false);
    result->AddMemory(DNNL_ARG_WORKSPACE, workspace);
  }
  const dnnl::pooling_backward::primitive_desc backward({algorithm, wanted_x, wanted_y, strides, window, begin, end},
                                                        engine, forward);
  result->Set<dnnl::pooling_backward>(backward);
  result->AddInput(DNNL_ARG_DIFF_DST, plain_y, wanted_y, problem.du);
  result->SetOutput(DNNL_ARG_DIFF_SRC, plain_x, wanted_x);
  result->ReorderInputs();
  return result;
}

}  // namespace tensord::bench
