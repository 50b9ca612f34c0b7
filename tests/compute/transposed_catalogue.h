// Named transposed convolutions: every test of one runs through all of them.
#ifndef TENSORD_TESTS_COMPUTE_TRANSPOSED_CATALOGUE_H_
#define TENSORD_TESTS_COMPUTE_TRANSPOSED_CATALOGUE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/transposed_convolution.h"
#include "tests/support/builders.h"

namespace tensord::test_support {

struct TransposedCase {
  std::string name;
  compute::Shape input;
  compute::Shape filter;
  compute::TransposedConvolutionConventions given;
  compute::Profile profile = compute::Profile::kNone;
};

inline void PrintTo(const TransposedCase& transposed, std::ostream* out) { *out << transposed.name; }

inline std::vector<TransposedCase> TransposedCases() {
  using compute::KernelMode;
  using compute::PaddingMode;
  using compute::Profile;
  return {
      // Ranks and layouts. The filter's O counts the channels of one group.
      {"w", {4}, {3}, {}},
      {"hw", {3, 4}, {2, 3}, {}},
      {"dhw", {2, 3, 2}, {2, 1, 3}, {.convolution = {.input_layout = "DHW", .filter_layout = "DHW"}}},
      {"nwc", {2, 5, 3}, {3, 3, 4}, {}},
      {"ncw", {2, 3, 5}, {3, 4, 3}, {}, Profile::kPytorch},
      {"nwc_tensorflow", {2, 5, 3}, {3, 4, 3}, {}, Profile::kTensorflow},
      {"ncw_cudnn", {2, 3, 5}, {4, 3, 3}, {}, Profile::kCudnn},
      {"hwc", {3, 4, 3}, {3, 2, 3, 5}, {}},
      {"nhwc", {2, 4, 3, 9}, {3, 3, 9, 4}, {}},
      {"nchw", {2, 3, 4, 5}, {3, 4, 3, 2}, {}, Profile::kOnnx},
      {"ndhwc", {2, 2, 3, 4, 2}, {2, 3, 2, 2, 3}, {}},
      {"ncdhw", {2, 2, 2, 3, 4}, {2, 3, 2, 3, 2}, {.convolution = {.strides = {1, 2, 3}}}, Profile::kPytorch},
      {"hcwn_by_hiow",
       {3, 3, 4, 2},
       {3, 3, 2, 2},
       {.convolution =
            {.input_layout = "HCWN", .filter_layout = "HIOW", .padding = {.begin = {1}}, .strides = {2, 1}}}},
      // Kernel modes.
      {"true_hw", {3, 4}, {3, 2}, {.convolution = {.kernel = KernelMode::kTrueConvolution}}},
      {"true_strided_dilated",
       {2, 4, 3, 2},
       {3, 4, 2, 3},
       {.convolution = {.kernel = KernelMode::kTrueConvolution,
                        .padding = {.begin = {3, 1}, .end = {0, 2}},
                        .strides = {2, 3},
                        .dilations = {3, 2}}}},
      // Strides, dilations and output padding.
      {"stride_2", {2, 4, 5, 3}, {3, 3, 3, 4}, {.convolution = {.padding = {.begin = {1}}, .strides = {2}}}},
      {"stride_2_output_padding",
       {2, 4, 5, 3},
       {3, 3, 3, 4},
       {.convolution = {.padding = {.begin = {1}}, .strides = {2}}, .output_padding = {1}}},
      {"stride_past_window", {1, 4, 3, 2}, {2, 2, 2, 3}, {.convolution = {.strides = {3, 5}}}},
      {"gaps_and_output_padding",
       {1, 3, 2, 2},
       {2, 1, 2, 3},
       {.convolution = {.strides = {4}}, .output_padding = {3, 2}}},
      {"output_padding_of_dilation", {1, 3, 2}, {2, 2, 3}, {.convolution = {.dilations = {4}}, .output_padding = {3}}},
      {"stride_2_dilation_3", {1, 4, 3, 2}, {4, 3, 2, 3}, {.convolution = {.strides = {2}, .dilations = {3}}}},
      {"stride_4_dilation_6",
       {1, 4, 3, 1},
       {4, 4, 1, 2},
       {.convolution = {.padding = {.begin = {5}}, .strides = {4}, .dilations = {6}}, .output_padding = {5, 4}}},
      // Paddings.
      {"same_upper",
       {1, 4, 5, 2},
       {3, 4, 2, 3},
       {.convolution = {.padding = {.mode = PaddingMode::kSameUpper}, .strides = {2, 3}}}},
      {"same_lower",
       {1, 4, 5, 2},
       {3, 4, 2, 3},
       {.convolution = {.padding = {.mode = PaddingMode::kSameLower}, .strides = {2, 3}}}},
      {"same_with_gaps",
       {1, 3, 2, 2},
       {2, 1, 2, 3},
       {.convolution = {.padding = {.mode = PaddingMode::kSameUpper}, .strides = {3}}}},
      {"output_shape", {1, 4, 5, 2}, {3, 3, 2, 3}, {.convolution = {.strides = {2}}, .output_shape = {8, 10}}},
      {"output_shape_longer",
       {1, 3, 3, 2},
       {3, 3, 2, 1},
       {.convolution = {.strides = {3, 2}}, .output_shape = {10, 8}}},
      {"padding_past_window", {1, 5, 6, 2}, {2, 2, 2, 2}, {.convolution = {.padding = {.begin = {2}}}}},
      {"padding_cuts_samples_off",
       {1, 6, 1},
       {2, 1, 2},
       {.convolution = {.padding = {.begin = {4}, .end = {5}}, .strides = {3}}}},
      // Groups.
      {"groups_2", {2, 3, 4, 4}, {3, 3, 4, 3}, {.convolution = {.groups = 2}}},
      {"groups_3_nchw",
       {2, 9, 3, 4},
       {9, 2, 3, 2},
       {.convolution = {.padding = {.begin = {1}}, .strides = {2}, .groups = 3}, .output_padding = {1}},
       Profile::kPytorch},
      {"depthwise", {2, 4, 3, 5}, {3, 3, 5, 1}, {.convolution = {.strides = {2}, .groups = 5}}},
      {"depthwise_multiplied", {1, 4, 3, 4}, {4, 2, 3, 3}, {.convolution = {.groups = 4}}, Profile::kOnnx},
      {"depthwise_18", {2, 4, 3, 18}, {3, 3, 18, 1}, {.convolution = {.strides = {2}, .groups = 18}}},
      {"depthwise_nchw",
       {1, 17, 4, 5},
       {17, 1, 2, 3},
       {.convolution = {.padding = {.begin = {1}}, .strides = {2}, .groups = 17}},
       Profile::kPytorch},
      // Sizes.
      {"pointwise", {2, 3, 4, 9}, {1, 1, 9, 5}, {}},
      {"pointwise_strided", {2, 3, 4, 9}, {1, 1, 9, 5}, {.convolution = {.strides = {2}}}},
      {"single_element", {1, 1, 1, 1}, {1, 1, 1, 1}, {}},
      {"batch_0", {0, 3, 4, 3}, {3, 3, 3, 4}, {.convolution = {.strides = {4}}}},
      {"depth_past_block", {1, 3, 4, 150}, {2, 1, 150, 5}, {}},
      {"rows_past_block", {1, 3, 3, 2}, {2, 2, 2, 70}, {.convolution = {.strides = {2}}}},
      {"positions_past_block", {3, 11, 12, 2}, {3, 2, 2, 3}, {.convolution = {.strides = {2}}, .output_padding = {1}}},
      {"positions_past_block_nchw", {3, 2, 11, 12}, {2, 3, 3, 2}, {}, Profile::kPytorch},
  };
}

// The geometry of a case; a case that cannot be resolved aborts.
inline compute::TransposedConvolutionGeometry Resolve(const TransposedCase& transposed) {
  compute::Violations violations;
  auto geometry = compute::ResolveTransposedConvolution(transposed.given, transposed.profile, transposed.input,
                                                        transposed.filter, {}, {}, violations);
  if (!geometry.has_value()) {
    std::cerr << transposed.name << ": " << violations.ToStatus() << std::endl;
    std::abort();
  }
  return *std::move(geometry);
}

using TypedTransposedCase = std::tuple<compute::DataType, TransposedCase>;

inline auto AllTypedTransposedCases() {
  return ::testing::Combine(::testing::Values(compute::DataType::kFloat32, compute::DataType::kFloat64),
                            ::testing::ValuesIn(TransposedCases()));
}

inline std::string NameOfTransposed(const ::testing::TestParamInfo<TypedTransposedCase>& info) {
  return absl::StrCat(compute::Name(std::get<0>(info.param)), "_", std::get<1>(info.param).name);
}

// The tensors of a transposed convolution and its gradients.
struct TransposedData {
  compute::Tensor x;
  compute::Tensor w;
  compute::Tensor b;
  compute::Tensor du;
};

// Small integers: sums of their products are exact in any order.
inline TransposedData IntegerData(const compute::TransposedConvolutionGeometry& geometry, compute::DataType type) {
  return {.x = IntegerTensor(type, geometry.input_shape(), 1),
          .w = IntegerTensor(type, geometry.filter_shape(), 2),
          .b = IntegerTensor(type, compute::BiasShape(geometry), 3),
          .du = IntegerTensor(type, geometry.output_shape(), 4)};
}

inline TransposedData RealData(const compute::TransposedConvolutionGeometry& geometry, compute::DataType type) {
  return {.x = RealTensor(type, geometry.input_shape(), 5),
          .w = RealTensor(type, geometry.filter_shape(), 6),
          .b = RealTensor(type, compute::BiasShape(geometry), 7),
          .du = RealTensor(type, geometry.output_shape(), 8)};
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_COMPUTE_TRANSPOSED_CATALOGUE_H_
