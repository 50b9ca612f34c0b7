// Named convolutions: every test of a convolution runs through all of them.
#ifndef TENSORD_TESTS_COMPUTE_SHAPE_CATALOGUE_H_
#define TENSORD_TESTS_COMPUTE_SHAPE_CATALOGUE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/convolution.h"
#include "tests/support/builders.h"

namespace tensord::test_support {

struct ConvolutionCase {
  std::string name;
  compute::Shape input;
  compute::Shape filter;
  compute::ConvolutionConventions given;
  compute::Profile profile = compute::Profile::kNone;
};

inline void PrintTo(const ConvolutionCase& convolution, std::ostream* out) { *out << convolution.name; }

// The catalogue. Blocks are 64 rows, 256 depths and 256 positions; the names say which of them a case exceeds.
inline std::vector<ConvolutionCase> ConvolutionCases() {
  using compute::KernelMode;
  using compute::PaddingMode;
  using compute::PaddingSource;
  using compute::Profile;
  return {
      // Ranks and layouts.
      {"w", {9}, {4}, {}},
      {"hw", {6, 5}, {2, 2}, {}},
      {"dhw", {4, 5, 6}, {2, 3, 2}, {.input_layout = "DHW", .filter_layout = "DHW", .padding = {.begin = {1}}}},
      {"wc", {9, 3}, {3, 3, 4}, {}},
      {"nwc", {2, 9, 3}, {3, 3, 4}, {}},
      {"ncw", {2, 3, 9}, {4, 3, 3}, {}, Profile::kPytorch},
      {"hwc", {6, 7, 3}, {3, 2, 3, 5}, {}},
      {"nhwc", {2, 6, 7, 9}, {3, 3, 9, 4}, {}},
      {"nchw", {2, 3, 6, 7}, {4, 3, 3, 3}, {}, Profile::kOnnx},
      {"ndhwc", {2, 4, 5, 6, 2}, {2, 3, 2, 2, 3}, {.padding = {.begin = {0, 1, 2}}}},
      {"ncdhw", {2, 2, 4, 5, 6}, {3, 2, 2, 3, 2}, {.strides = {1, 2, 1}}, Profile::kPytorch},
      {"cnhw_by_iohw", {3, 2, 5, 6}, {3, 4, 2, 3}, {.input_layout = "CNHW", .filter_layout = "IOHW"}},
      {"nhwc_by_ohwi", {2, 5, 6, 8}, {4, 2, 3, 8}, {.input_layout = "NHWC", .filter_layout = "OHWI"}},
      {"whc_by_wioh", {7, 6, 3}, {2, 3, 5, 3}, {.input_layout = "WHC", .filter_layout = "WIOH"}},
      {"hcwn_by_hiow",
       {6, 3, 5, 4},
       {3, 3, 2, 2},
       {.input_layout = "HCWN", .filter_layout = "HIOW", .padding = {.begin = {1}}, .strides = {2, 1}}},
      {"wdnch_by_dwioh", {5, 4, 2, 3, 6}, {2, 3, 3, 2, 2}, {.input_layout = "WDNCH", .filter_layout = "DWIOH"}},
      // Kernel modes.
      {"true_hw", {6, 5}, {3, 2}, {.kernel = KernelMode::kTrueConvolution}},
      {"true_ndhwc",
       {1, 4, 5, 6, 2},
       {2, 3, 2, 2, 3},
       {.kernel = KernelMode::kTrueConvolution, .padding = {.mode = PaddingMode::kSameUpper}}},
      {"true_strided_dilated",
       {2, 11, 12, 2},
       {3, 4, 2, 3},
       {.kernel = KernelMode::kTrueConvolution, .padding = {.begin = {3}}, .strides = {2, 3}, .dilations = {3, 2}}},
      // Strides and dilations.
      {"stride_2", {2, 7, 8, 3}, {3, 3, 3, 4}, {.padding = {.begin = {1}}, .strides = {2}}},
      {"stride_2_by_3", {1, 9, 10, 3}, {3, 3, 3, 4}, {.strides = {2, 3}}},
      {"stride_past_window", {1, 10, 11, 2}, {2, 2, 2, 3}, {.strides = {3, 4}}},
      {"stride_is_window", {2, 12, 12, 3}, {4, 4, 3, 10}, {.strides = {4}}},
      {"stride_is_window_ragged", {1, 14, 13, 2}, {4, 4, 2, 3}, {.padding = {.begin = {1}}, .strides = {4}}},
      {"stride_past_input", {1, 3, 3, 2}, {2, 2, 2, 2}, {.padding = {.begin = {4}}, .strides = {7}}},
      {"stride_jumps_over_input", {1, 1}, {1, 1}, {.padding = {.begin = {2}, .end = {3}}, .strides = {3}}},
      {"dilation_2", {2, 8, 9, 3}, {3, 3, 3, 4}, {.dilations = {2}}},
      {"dilation_past_input", {1, 3, 3, 2}, {2, 2, 2, 2}, {.padding = {.begin = {5}}, .dilations = {6}}},
      {"stride_2_dilation_3", {1, 13, 12, 2}, {4, 3, 2, 3}, {.strides = {2}, .dilations = {3}}},
      {"stride_3_dilation_2",
       {1, 17, 17, 2},
       {5, 4, 2, 3},
       {.padding = {.begin = {2}}, .strides = {3}, .dilations = {2}}},
      {"stride_4_dilation_6",
       {1, 30, 28, 1},
       {4, 4, 1, 2},
       {.padding = {.begin = {5}}, .strides = {4}, .dilations = {6}}},
      {"stride_6_dilation_4",
       {1, 30, 28, 1},
       {4, 5, 1, 2},
       {.padding = {.begin = {3}}, .strides = {6}, .dilations = {4}}},
      // Paddings.
      {"same_upper", {1, 7, 8, 2}, {2, 4, 2, 3}, {.padding = {.mode = PaddingMode::kSameUpper}, .strides = {2, 3}}},
      {"same_lower", {1, 7, 8, 2}, {2, 4, 2, 3}, {.padding = {.mode = PaddingMode::kSameLower}, .strides = {2, 3}}},
      {"full", {1, 5, 6, 2}, {3, 2, 2, 3}, {.padding = {.mode = PaddingMode::kFull}}},
      {"full_dilated", {1, 5, 6, 2}, {3, 2, 2, 3}, {.padding = {.mode = PaddingMode::kFull}, .dilations = {2}}},
      {"asymmetric", {1, 5, 6, 2}, {3, 3, 2, 3}, {.padding = {.begin = {0, 2}, .end = {3, 1}}}},
      {"padding_past_window", {1, 4, 4, 2}, {2, 2, 2, 2}, {.padding = {.begin = {5}}}},
      {"causal", {2, 9, 3}, {3, 3, 4}, {.padding = {.mode = PaddingMode::kCausal}, .strides = {2}, .dilations = {2}}},
      // What padding reads.
      {"reflect_w", {5}, {3}, {.padding = {.begin = {4}, .end = {2}, .source = PaddingSource::kReflect}}},
      {"reflect_one_cell", {1, 4, 1}, {1, 3, 1, 1}, {.padding = {.begin = {0, 3}, .source = PaddingSource::kReflect}}},
      {"reflect_same_strided",
       {2, 7, 8, 3},
       {2, 4, 3, 4},
       {.padding = {.mode = PaddingMode::kSameUpper, .source = PaddingSource::kReflect}, .strides = {2, 3}}},
      {"reflect_nchw",
       {2, 4, 5, 6},
       {6, 2, 3, 3},
       {.padding = {.begin = {1, 2}, .end = {3, 0}, .source = PaddingSource::kReflect}, .groups = 2},
       Profile::kPytorch},
      {"replicate_hw", {3, 4}, {2, 3}, {.padding = {.begin = {5, 0}, .source = PaddingSource::kReplicate}}},
      {"replicate_one_cell", {1}, {2}, {.padding = {.begin = {7}, .end = {9}, .source = PaddingSource::kReplicate}}},
      {"replicate_causal",
       {2, 9, 3},
       {4, 3, 2},
       {.padding = {.mode = PaddingMode::kCausal, .source = PaddingSource::kReplicate}, .dilations = {3}}},
      {"replicate_whcn",
       {6, 5, 4, 2},
       {2, 3, 4, 3},
       {.input_layout = "WHCN",
        .filter_layout = "WHIO",
        .padding = {.begin = {2}, .source = PaddingSource::kReplicate}}},
      {"circular_ndhwc",
       {2, 3, 4, 5, 2},
       {2, 3, 2, 2, 3},
       {.padding = {.begin = {3, 1, 0}, .end = {0, 4, 2}, .source = PaddingSource::kCircular}, .strides = {1, 2, 1}}},
      {"circular_true_full",
       {1, 5, 6, 2},
       {3, 2, 2, 3},
       {.kernel = KernelMode::kTrueConvolution,
        .padding = {.mode = PaddingMode::kFull, .source = PaddingSource::kCircular},
        .dilations = {2}}},
      {"circular_positions_past_block",
       {1, 40, 41, 2},
       {5, 5, 2, 3},
       {.padding = {.mode = PaddingMode::kSameLower, .source = PaddingSource::kCircular}}},
      {"circular_without_padding", {1, 4, 4, 2}, {2, 2, 2, 2}, {.padding = {.source = PaddingSource::kCircular}}},
      {"circular_batch_0", {0, 4, 4, 2}, {2, 2, 2, 2}, {.padding = {.begin = {1}, .source = PaddingSource::kCircular}}},
      // Groups.
      {"groups_2", {2, 6, 7, 4}, {3, 3, 2, 6}, {.groups = 2}},
      {"groups_3_nchw",
       {2, 9, 6, 7},
       {6, 3, 3, 2},
       {.padding = {.begin = {1}}, .strides = {2}, .groups = 3},
       Profile::kPytorch},
      {"depthwise", {2, 7, 8, 5}, {3, 3, 1, 5}, {.padding = {.begin = {1}}, .groups = 5}},
      {"depthwise_multiplied", {1, 4, 7, 8}, {8, 1, 3, 3}, {.strides = {2}, .groups = 4}, Profile::kPytorch},
      // Groups that fill vectors, and parts of them.
      {"depthwise_16", {2, 5, 6, 16}, {3, 3, 1, 16}, {.padding = {.begin = {1}}, .groups = 16}},
      {"depthwise_in_place", {2, 6, 5, 35}, {3, 2, 1, 35}, {.strides = {1, 2}, .groups = 35}},
      {"depthwise_nchw", {2, 19, 7, 6}, {19, 1, 3, 3}, {.padding = {.begin = {1}}, .groups = 19}, Profile::kPytorch},
      {"depthwise_nchw_wide",
       {1, 16, 3, 75},
       {16, 1, 3, 5},
       {.padding = {.begin = {2, 1}}, .strides = {1, 2}, .groups = 16},
       Profile::kPytorch},
      {"depthwise_nchw_past_block",
       {1, 17, 27, 26},
       {17, 1, 2, 3},
       {.padding = {.begin = {0, 1}}, .groups = 17},
       Profile::kPytorch},
      {"depthwise_true_by_whio",
       {1, 6, 7, 18},
       {3, 4, 1, 18},
       {.filter_layout = "WHIO", .kernel = KernelMode::kTrueConvolution, .strides = {2}, .groups = 18}},
      {"depthwise_whcn_by_oihw",
       {6, 5, 20, 3},
       {20, 1, 3, 2},
       {.input_layout = "WHCN", .filter_layout = "OIHW", .padding = {.begin = {2, 0}}, .groups = 20}},
      {"depthwise_ncdhw",
       {1, 18, 4, 5, 6},
       {18, 1, 2, 3, 2},
       {.padding = {.begin = {1}}, .strides = {2, 1, 1}, .groups = 18},
       Profile::kPytorch},
      {"depthwise_ncw", {3, 33, 40}, {33, 1, 4}, {.padding = {.begin = {3}}, .groups = 33}, Profile::kPytorch},
      {"depthwise_dilated_past_input",
       {1, 16, 3, 4},
       {16, 1, 2, 3},
       {.padding = {.begin = {6}}, .dilations = {5}, .groups = 16},
       Profile::kPytorch},
      {"depthwise_dilated_past_box",
       {1, 16, 3, 4},
       {16, 1, 2, 2},
       {.padding = {.begin = {80}}, .dilations = {79}, .groups = 16},
       Profile::kPytorch},
      {"depthwise_gaps_of_stride", {1, 13, 14, 16}, {2, 2, 1, 16}, {.strides = {3}, .dilations = {2}, .groups = 16}},
      {"depthwise_half_of_stride",
       {1, 16, 9, 11},
       {16, 1, 2, 2},
       {.strides = {4}, .dilations = {2}, .groups = 16},
       Profile::kPytorch},
      {"depthwise_stride_is_window", {1, 18, 9, 8}, {18, 1, 2, 2}, {.strides = {2}, .groups = 18}, Profile::kPytorch},
      {"depthwise_stride_past_input",
       {1, 16, 2, 2},
       {16, 1, 3, 3},
       {.padding = {.begin = {1}}, .strides = {3}, .groups = 16},
       Profile::kPytorch},
      {"depthwise_doubled", {2, 5, 6, 17}, {3, 2, 1, 34}, {.padding = {.begin = {1}}, .groups = 17}},
      {"depthwise_doubled_nchw", {2, 18, 5, 6}, {36, 1, 2, 3}, {.strides = {2}, .groups = 18}, Profile::kPytorch},
      {"groups_of_2", {1, 36, 5, 6}, {36, 2, 3, 2}, {.padding = {.begin = {1}}, .groups = 18}, Profile::kPytorch},
      {"groups_of_2_nhwc", {1, 5, 6, 34}, {3, 2, 2, 34}, {.strides = {2}, .groups = 17}},
      // Sizes.
      {"pointwise", {2, 6, 7, 9}, {1, 1, 9, 5}, {}},
      {"pointwise_strided", {2, 6, 7, 9}, {1, 1, 9, 5}, {.strides = {2}}},
      {"one_wide", {3, 6, 1, 2}, {3, 1, 2, 3}, {}},
      {"single_element", {1, 1, 1, 1}, {1, 1, 1, 1}, {}},
      {"filter_fills_padded_input", {2, 4, 5, 3}, {6, 7, 3, 4}, {.padding = {.begin = {1}}}},
      {"batch_0", {0, 6, 7, 3}, {3, 3, 3, 4}, {}},
      {"depth_past_block", {1, 3, 4, 150}, {1, 2, 150, 5}, {}},
      {"depth_past_block_nchw", {2, 33, 4, 5}, {5, 33, 3, 3}, {.padding = {.begin = {1}}}, Profile::kPytorch},
      {"rows_past_block", {1, 4, 4, 2}, {2, 2, 2, 70}, {}},
      {"rows_past_gradient_tile", {1, 4, 4, 2}, {2, 2, 2, 260}, {}},
      {"rows_and_depth_past_block", {1, 4, 4, 68}, {2, 2, 68, 66}, {.padding = {.begin = {1, 0}}}},
      {"everything_past_block", {2, 12, 12, 130}, {1, 2, 130, 66}, {}},
      {"positions_past_block", {3, 11, 12, 2}, {2, 3, 2, 3}, {.padding = {.begin = {1}}}},
      {"positions_past_block_nchw",
       {3, 2, 11, 12},
       {3, 2, 3, 3},
       {.padding = {.begin = {1}}, .strides = {1, 2}},
       Profile::kPytorch},
      {"positions_past_block_w", {700}, {5}, {.strides = {2}}},
      {"tiny_maps_of_a_large_batch", {300, 2, 3, 9}, {2, 2, 9, 3}, {}},
      {"large_tiles", {8500, 1}, {1, 1, 130}, {}},
  };
}

// The geometry of a case; a case that cannot be resolved aborts.
inline compute::ConvolutionGeometry Resolve(const ConvolutionCase& convolution) {
  compute::Violations violations;
  auto geometry = compute::ResolveConvolution(convolution.given, convolution.profile, convolution.input,
                                              convolution.filter, {}, {}, violations);
  if (!geometry.has_value()) {
    std::cerr << convolution.name << ": " << violations.ToStatus() << std::endl;
    std::abort();
  }
  return *std::move(geometry);
}

// A case with an element type: what the parameterised tests run over.
using TypedCase = std::tuple<compute::DataType, ConvolutionCase>;

inline auto AllTypedCases() {
  return ::testing::Combine(::testing::Values(compute::DataType::kFloat32, compute::DataType::kFloat64),
                            ::testing::ValuesIn(ConvolutionCases()));
}

// "float32_stride_2".
inline std::string NameOf(const ::testing::TestParamInfo<TypedCase>& info) {
  const absl::string_view type = compute::Name(std::get<0>(info.param));
  return absl::StrCat(type, "_", std::get<1>(info.param).name);
}

// The tensors of a convolution and its gradients.
struct ConvolutionData {
  compute::Tensor x;
  compute::Tensor w;
  compute::Tensor b;
  compute::Tensor du;
};

// Small integers: sums of their products are exact in any order.
inline ConvolutionData IntegerData(const compute::ConvolutionGeometry& geometry, compute::DataType type) {
  return {.x = IntegerTensor(type, geometry.input_shape, 1),
          .w = IntegerTensor(type, geometry.filter_shape, 2),
          .b = IntegerTensor(type, compute::BiasShape(geometry), 3),
          .du = IntegerTensor(type, geometry.output_shape, 4)};
}

inline ConvolutionData RealData(const compute::ConvolutionGeometry& geometry, compute::DataType type) {
  return {.x = RealTensor(type, geometry.input_shape, 5),
          .w = RealTensor(type, geometry.filter_shape, 6),
          .b = RealTensor(type, compute::BiasShape(geometry), 7),
          .du = RealTensor(type, geometry.output_shape, 8)};
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_COMPUTE_SHAPE_CATALOGUE_H_
