// The catalogue of poolings that every kind runs through.
#ifndef TENSORD_TESTS_COMPUTE_POOLING_CASES_H_
#define TENSORD_TESTS_COMPUTE_POOLING_CASES_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "tensord/compute/pooling.h"

namespace tensord::compute {

// A geometry; the tests add what only one kind takes.
struct PoolingCase {
  std::string name;
  Shape input;
  PoolingConventions conventions;
};

inline void PrintTo(const PoolingCase& c, std::ostream* out) { *out << c.name; }

inline std::vector<PoolingCase> PoolingCases() {
  using Lists = std::vector<int64_t>;
  const auto mode = [](PaddingMode m) { return Padding{.mode = m}; };
  const auto explicitly = [](Lists begin, Lists end) { return Padding{.begin = begin, .end = end}; };
  return {
      {"PlainW", {12}, {.input_layout = "W", .window = {3}}},
      {"OneElement", {1}, {.input_layout = "W", .window = {1}}},
      {"LongW", {10007}, {.input_layout = "W", .window = {5}, .strides = {2}}},
      {"WideRows",
       {2, 3, 40},
       {.input_layout = "CHW",
        .window = {2, 3},
        .strides = {1, 2},
        .dilations = {1, 2},
        .padding = explicitly({1, 4}, {0, 3})}},
      {"WideRowsOverlapping", {3, 50, 2}, {.input_layout = "HWC", .window = {2, 4}, .strides = {1}}},
      {"Global", {2, 5, 6, 3}, {.input_layout = "NHWC", .window = {5, 6}}},
      {"Overlapping", {9, 8}, {.input_layout = "HW", .window = {3, 2}, .strides = {1}}},
      {"Gaps", {11, 13}, {.input_layout = "HW", .window = {2}, .strides = {4, 3}}},
      {"Tail", {2, 3, 7, 9}, {.input_layout = "NCHW", .window = {2, 4}}},
      {"Dilated", {2, 9, 10, 3}, {.input_layout = "NHWC", .window = {3, 2}, .strides = {2, 1}, .dilations = {2, 4}}},
      {"Padded",
       {2, 7, 6, 3},
       {.input_layout = "NHWC", .window = {3, 4}, .strides = {2}, .padding = explicitly({1, 2}, {2, 0})}},
      {"PaddedDilated",
       {3, 7, 9},
       {.input_layout = "CHW",
        .window = {3},
        .strides = {1, 2},
        .dilations = {3, 2},
        .padding = explicitly({2, 3}, {3, 1})}},
      {"SameUpper",
       {2, 5, 8, 3},
       {.input_layout = "NHWC", .window = {4, 3}, .strides = {2}, .padding = mode(PaddingMode::kSameUpper)}},
      {"SameLower",
       {2, 3, 5, 8},
       {.input_layout = "NCHW", .window = {4, 3}, .strides = {2}, .padding = mode(PaddingMode::kSameLower)}},
      {"Ceil",
       {2, 3, 8, 8},
       {.input_layout = "NCHW", .window = {3, 2}, .strides = {2, 3}, .length_rule = LengthRule::kCeil}},
      {"CeilPadded",
       {8, 7, 2},
       {.input_layout = "HWC",
        .window = {3},
        .strides = {2, 3},
        .padding = explicitly({1}, {1}),
        .length_rule = LengthRule::kCeil}},
      {"StartInside",
       {2, 8, 7, 3},
       {.input_layout = "NHWC", .window = {3, 4}, .strides = {2, 3}, .length_rule = LengthRule::kStartInside}},
      {"StartInsideLongerThanInput",
       {5, 4},
       {.input_layout = "HW", .window = {9, 7}, .strides = {2, 1}, .length_rule = LengthRule::kStartInside}},
      {"StartInsidePadded",
       {7, 3},
       {.input_layout = "WC",
        .window = {4},
        .strides = {3},
        .padding = explicitly({2}, {0}),
        .length_rule = LengthRule::kStartInside}},
      {"BatchInnermost", {3, 6, 5, 4}, {.input_layout = "CHWN", .window = {2, 3}, .strides = {2}}},
      {"OddLayout", {5, 2, 6, 3}, {.input_layout = "WNHC", .window = {3, 2}, .strides = {1, 2}}},
      {"TransposedPlane", {6, 3, 5}, {.input_layout = "WCH", .window = {2, 3}, .strides = {1}}},
      {"NoBatchVolume", {4, 5, 6}, {.input_layout = "DHW", .window = {2, 3, 2}, .strides = {2, 1, 3}}},
      {"VolumeFirst",
       {2, 3, 5, 4, 6},
       {.input_layout = "NCDHW", .window = {2, 3, 3}, .strides = {2}, .padding = explicitly({1}, {1})}},
      {"VolumeLast", {2, 5, 4, 6, 3}, {.input_layout = "NDHWC", .window = {3, 2, 2}, .strides = {1, 2, 3}}},
      {"ManyChannels", {2, 4, 3, 1100}, {.input_layout = "NHWC", .window = {2}, .strides = {1}}},
      {"ManyBatches", {2, 4, 150}, {.input_layout = "CWN", .window = {2}, .strides = {1}}},
      // Enough planes to be pooled side by side, with any vectors.
      {"ManyPlanes",
       {3, 11, 9, 10},
       {.input_layout = "NCHW", .window = {3, 2}, .strides = {2, 1}, .padding = explicitly({1, 0}, {2, 1})}},
      {"ManyPlanesDilated",
       {2, 9, 13, 18},
       {.input_layout = "NHWC",
        .window = {3},
        .strides = {2, 3},
        .dilations = {2, 1},
        .padding = explicitly({2}, {1})}},
      {"ManyPlanesGaps", {19, 2, 8, 7}, {.input_layout = "NCHW", .window = {2, 1}, .strides = {3, 4}}},
      {"ManyVolumes",
       {17, 5, 4, 6},
       {.input_layout = "CDHW", .window = {3, 2, 2}, .strides = {1, 2, 1}, .padding = explicitly({1}, {1})}},
      {"ManySignals", {6, 40, 3}, {.input_layout = "NWC", .window = {4}, .strides = {3}}},
      {"ManySignalsTogether", {6, 3, 70}, {.input_layout = "NCW", .window = {5}, .strides = {2}}},
      {"EmptyBatch", {0, 4, 4, 2}, {.input_layout = "NHWC", .window = {2}}},
      {"EmptyBatchInnermost", {4, 4, 0}, {.input_layout = "HWN", .window = {2}}},
  };
}

// The geometry of a pooling that has to be right.
inline PoolingGeometry Resolved(PoolingKind kind, const PoolingConventions& conventions, const Shape& input,
                                Profile profile = Profile::kNone) {
  Violations violations;
  const auto geometry = ResolvePooling(kind, conventions, profile, input, {}, {}, violations);
  if (!geometry.has_value()) ADD_FAILURE() << violations.ToStatus();
  return geometry.value();
}

// Each of them in float32 and float64, for INSTANTIATE_TEST_SUITE_P; and their names.
using TypedPoolingCase = std::tuple<PoolingCase, DataType>;
inline auto AllTypedPoolingCases() {
  return ::testing::Combine(::testing::ValuesIn(PoolingCases()),
                            ::testing::Values(DataType::kFloat32, DataType::kFloat64));
}
inline std::string NameOfPooling(const ::testing::TestParamInfo<TypedPoolingCase>& test) {
  return std::get<0>(test.param).name + "_" + std::string(Name(std::get<1>(test.param)));
}

}  // namespace tensord::compute

#endif  // TENSORD_TESTS_COMPUTE_POOLING_CASES_H_
