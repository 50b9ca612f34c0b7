// The conventions of convolution and pooling as a caller gives them, and what the profiles set.
#ifndef TENSORD_COMPUTE_CONVENTIONS_H_
#define TENSORD_COMPUTE_CONVENTIONS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tensord::compute {

// A named set of conventions; kNone is "no profile": the defaults.
enum class Profile { kNone, kTextbook, kPytorch, kOnnx, kTensorflow, kCudnn };
inline constexpr std::array<Profile, 6> kAllProfiles = {Profile::kNone, Profile::kTextbook,   Profile::kPytorch,
                                                        Profile::kOnnx, Profile::kTensorflow, Profile::kCudnn};

enum class KernelMode { kCrossCorrelation, kTrueConvolution };
enum class PaddingMode { kValid, kSameUpper, kSameLower, kFull, kExplicit, kCausal };
// What padding reads: nothing (zero); the input mirrored at its border cell (2 1 [0 1 2] 1 0), its border cell again
// (0 0 [0 1 2] 2 2), or its other end (1 2 [0 1 2] 0 1).
enum class PaddingSource { kZero, kReflect, kReplicate, kCircular };
enum class LengthRule { kFloor, kCeil, kStartInside };
enum class AverageDivisor { kExcluded, kIncluded, kFixed };
enum class TieRule { kFirst, kAll, kSplit };
enum class NanRule { kFirst, kLast };
enum class IndexBase { kPlane, kTensor, kTensorColumnMajor, kLayout, kLayoutPerSample };
enum class WindowMode { kExplicit, kGlobal, kAdaptive };
enum class EmptyWindow { kRefuse, kNegativeInfinity };
// The most padding on one side of a window: any, floor(window / 2), or half of what it extends over with its dilation.
enum class PaddingLimit { kNone, kHalfWindow, kHalfDilatedWindow };
enum class IndexRange { kPlane, kWindow };
// How a prelu's tensor of slopes lies over the input; the protos' SlopeMatch has the details.
enum class SlopeMatch { kTrailing, kChannel, kAxes };

// Padding as given. No mode and no lists: kValid; no mode and lists: kExplicit.
struct Padding {
  std::optional<PaddingMode> mode = {};
  std::vector<int64_t> begin = {};           // one per spatial axis, or one for all, or none
  std::vector<int64_t> end = {};             // likewise; none: as begin
  std::optional<PaddingSource> source = {};  // absent: kZero
};

// As given: what is absent comes from the profile or the defaults. Lists: one per spatial axis, or one for all, or
// none. A stride of kUnknownSize stands for a symbol, in analysis only.
struct ConvolutionConventions {
  std::optional<std::string> input_layout = {};
  std::optional<std::string> filter_layout = {};
  std::optional<KernelMode> kernel = {};
  Padding padding = {};
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  std::optional<int64_t> groups = {};
};

// As ConvolutionConventions, for pooling.
struct PoolingConventions {
  std::optional<std::string> input_layout = {};
  std::vector<int64_t> window = {};
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  Padding padding = {};
  std::optional<LengthRule> length_rule = {};
  std::optional<AverageDivisor> average_divisor = {};
  std::optional<int64_t> fixed_divisor = {};
  std::optional<TieRule> tie_rule = {};
  std::optional<NanRule> nan_rule = {};
  std::optional<IndexBase> index_base = {};
  std::optional<WindowMode> window_mode = {};
  std::vector<int64_t> output_size = {};  // for WindowMode::kAdaptive
  std::optional<double> p = {};           // of Lp pooling
  std::optional<EmptyWindow> empty_window = {};
  std::optional<PaddingLimit> padding_limit = {};  // absent: kNone
};

// What a profile sets where a request says nothing.
struct ProfileDefaults {
  bool channels_first;             // layout of inputs; and of filters: OIHW family instead of HWIO family
  bool transposed_swaps_channels;  // filters of transposed convolutions: IOHW for OIHW, HWOI for HWIO
  LengthRule length_rule;
  std::optional<AverageDivisor> average_divisor;  // absent: refused where it matters
  TieRule tie_rule;
  NanRule nan_rule;
  IndexBase index_base;
  bool stride_is_window;  // a pooling stride that is not given: the window, else 1
  EmptyWindow empty_window;
  double lp_exponent;
  double hard_sigmoid_slope;
  double hard_sigmoid_offset;
  double leaky_relu_slope;
  std::optional<int64_t> softmax_axis;  // absent: refused where none is given
  SlopeMatch slope_match;               // for slopes without axes of their own
};

[[nodiscard]] const ProfileDefaults& DefaultsOf(Profile profile);

// "PYTORCH", "TRUE_CONVOLUTION", ...: as in the protos without their prefix, and in messages.
[[nodiscard]] absl::string_view Name(Profile value);
[[nodiscard]] absl::string_view Name(KernelMode value);
[[nodiscard]] absl::string_view Name(PaddingMode value);
[[nodiscard]] absl::string_view Name(PaddingSource value);
[[nodiscard]] absl::string_view Name(LengthRule value);
[[nodiscard]] absl::string_view Name(AverageDivisor value);
[[nodiscard]] absl::string_view Name(TieRule value);
[[nodiscard]] absl::string_view Name(NanRule value);
[[nodiscard]] absl::string_view Name(IndexBase value);
[[nodiscard]] absl::string_view Name(WindowMode value);
[[nodiscard]] absl::string_view Name(EmptyWindow value);
[[nodiscard]] absl::string_view Name(PaddingLimit value);
[[nodiscard]] absl::string_view Name(IndexRange value);
[[nodiscard]] absl::string_view Name(SlopeMatch value);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_CONVENTIONS_H_
