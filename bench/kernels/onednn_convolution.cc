#include <memory>

#include "bench/kernels/onednn_primitive.h"

namespace tensord::bench {

using dnnl::memory;
using Tag = memory::format_tag;

std::shared_ptr<OneDnnPrimitive> OneDnnConvolution(const Problem& problem, int threads) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  auto result = std::make_shared<OneDnnPrimitive>(engine, threads);
  constexpr auto kType = OneDnnPrimitive::kType;
  const Layer& layer = problem.layer;
  const bool nchw = problem.layout == Layout::kNchw;
  const int64_t batch = problem.batch;
  const memory::dims x = {batch, layer.input_channels, layer.input_height, layer.input_width};
  const memory::dims y = {batch, layer.output_channels, layer.output_height, layer.output_width};
  const bool grouped = layer.groups > 1;
  const memory::dims w =
      grouped ? memory::dims{layer.groups, layer.output_channels / layer.groups, layer.input_channels / layer.groups,
                             layer.window_height, layer.window_width}
              : memory::dims{layer.output_channels, layer.input_channels, layer.window_height, layer.window_width};
  const Tag filter_tag = grouped ? (nchw ? Tag::goihw : Tag::hwigo) : (nchw ? Tag::oihw : Tag::hwio);
  const memory::desc plain_x(x, kType, nchw ? Tag::nchw : Tag::nhwc);
  const memory::desc plain_w(w, kType, filter_tag);
  const memory::desc plain_y(y, kType, nchw ? Tag::nchw : Tag::nhwc);
  const memory::desc any_x(x, kType, Tag::any);
  const memory::desc any_w(w, kType, Tag::any);
  const memory::desc any_y(y, kType, Tag::any);
  const memory::dims strides = {layer.stride_height, layer.stride_width};
  const memory::dims begin = {layer.pad_top, layer.pad_left};
  const memory::dims end = {layer.pad_bottom(), layer.pad_right()};
  constexpr auto kDirect = dnnl::algorithm::convolution_direct;
  if (problem.pass == Pass::kForward) {
    const dnnl::convolution_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference, kDirect, any_x, any_w, any_y, strides, begin, end}, engine);
    result->Set<dnnl::convolution_forward>(chosen);
    result->AddInput(DNNL_ARG_SRC, plain_x, chosen.src_desc(), problem.x);
    result->AddInput(DNNL_ARG_WEIGHTS, plain_w, chosen.weights_desc(), problem.w);
    result->SetOutput(DNNL_ARG_DST, plain_y, chosen.dst_desc());
    return result;
  }
  const dnnl::convolution_forward::primitive_desc forward(
      {dnnl::prop_kind::forward_training, kDirect, any_x, any_w, any_y, strides, begin, end}, engine);
  if (problem.pass == Pass::kBackwardData) {
    const dnnl::convolution_backward_data::primitive_desc chosen({kDirect, any_x, any_w, any_y, strides, begin, end},
                                                                 engine, forward);
    result->Set<dnnl::convolution_backward_data>(chosen);
    result->AddInput(DNNL_ARG_DIFF_DST, plain_y, chosen.diff_dst_desc(), problem.du);
    result->AddInput(DNNL_ARG_WEIGHTS, plain_w, chosen.weights_desc(), problem.w);
    result->SetOutput(DNNL_ARG_DIFF_SRC, plain_x, chosen.diff_src_desc());
    return result;
  }
  const dnnl::convolution_backward_weights::primitive_desc chosen({kDirect, any_x, any_w, any_y, strides, begin, end},
                                                                  engine, forward);
  result->Set<dnnl::convolution_backward_weights>(chosen);
  result->AddInput(DNNL_ARG_DIFF_DST, plain_y, chosen.diff_dst_desc(), problem.du);
  result->AddInput(DNNL_ARG_SRC, plain_x, chosen.src_desc(), problem.x);
  result->SetOutput(DNNL_ARG_DIFF_WEIGHTS, plain_w, chosen.diff_weights_desc());
  return result;
}

}  // namespace tensord::bench
