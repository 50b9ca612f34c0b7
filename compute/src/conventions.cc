#include "tensord/compute/conventions.h"

namespace tensord::compute {
namespace {

// The table of the contract, column by column; the column of the defaults first.
constexpr ProfileDefaults kDefaults = {.channels_first = false,
                                       .transposed_swaps_channels = false,
                                       .length_rule = LengthRule::kFloor,
                                       .average_divisor = std::nullopt,
                                       .tie_rule = TieRule::kFirst,
                                       .nan_rule = NanRule::kFirst,
                                       .index_base = IndexBase::kPlane,
                                       .stride_is_window = true,
                                       .empty_window = EmptyWindow::kRefuse,
                                       .lp_exponent = 2,
                                       .hard_sigmoid_slope = 1.0 / 6,
                                       .hard_sigmoid_offset = 0.5,
                                       .leaky_relu_slope = 0.01,
                                       .softmax_axis = -1,
                                       .slope_match = SlopeMatch::kTrailing};

constexpr ProfileDefaults Textbook() {
  ProfileDefaults defaults = kDefaults;
  defaults.length_rule = LengthRule::kStartInside;
  defaults.average_divisor = AverageDivisor::kExcluded;
  return defaults;
}

constexpr ProfileDefaults Pytorch() {
  ProfileDefaults defaults = kDefaults;
  defaults.channels_first = true;
  defaults.transposed_swaps_channels = true;
  defaults.average_divisor = AverageDivisor::kIncluded;
  defaults.nan_rule = NanRule::kLast;
  defaults.softmax_axis = std::nullopt;  // its dim has no default that is not deprecated
  defaults.slope_match = SlopeMatch::kChannel;
  return defaults;
}

constexpr ProfileDefaults Onnx() {
  ProfileDefaults defaults = kDefaults;
  defaults.channels_first = true;
  defaults.transposed_swaps_channels = true;
  defaults.average_divisor = AverageDivisor::kExcluded;
  defaults.index_base = IndexBase::kTensor;
  defaults.stride_is_window = false;
  defaults.hard_sigmoid_slope = 0.2;
  return defaults;
}

constexpr ProfileDefaults Tensorflow() {
  ProfileDefaults defaults = kDefaults;
  defaults.transposed_swaps_channels = true;
  defaults.average_divisor = AverageDivisor::kExcluded;
  defaults.index_base = IndexBase::kLayoutPerSample;
  defaults.hard_sigmoid_slope = 0.2;
  defaults.leaky_relu_slope = 0.2;
  return defaults;
}

constexpr ProfileDefaults Cudnn() {
  ProfileDefaults defaults = kDefaults;
  defaults.channels_first = true;
  defaults.softmax_axis = std::nullopt;  // its mode has to be named
  return defaults;
}

}  // namespace

const ProfileDefaults& DefaultsOf(Profile profile) {
  static const ProfileDefaults kTextbook = Textbook();
  static const ProfileDefaults kPytorch = Pytorch();
  static const ProfileDefaults kOnnx = Onnx();
  static const ProfileDefaults kTensorflow = Tensorflow();
  static const ProfileDefaults kCudnn = Cudnn();
  switch (profile) {
    case Profile::kNone:
      return kDefaults;
    case Profile::kTextbook:
      return kTextbook;
    case Profile::kPytorch:
      return kPytorch;
    case Profile::kOnnx:
      return kOnnx;
    case Profile::kTensorflow:
      return kTensorflow;
    case Profile::kCudnn:
      return kCudnn;
  }
  __builtin_unreachable();
}

absl::string_view Name(Profile value) {
  switch (value) {
    case Profile::kNone:
      return "NONE";
    case Profile::kTextbook:
      return "TEXTBOOK";
    case Profile::kPytorch:
      return "PYTORCH";
    case Profile::kOnnx:
      return "ONNX";
    case Profile::kTensorflow:
      return "TENSORFLOW";
    case Profile::kCudnn:
      return "CUDNN";
  }
  __builtin_unreachable();
}

absl::string_view Name(KernelMode value) {
  return value == KernelMode::kCrossCorrelation ? "CROSS_CORRELATION" : "TRUE_CONVOLUTION";
}

absl::string_view Name(PaddingMode value) {
  switch (value) {
    case PaddingMode::kValid:
      return "VALID";
    case PaddingMode::kSameUpper:
      return "SAME_UPPER";
    case PaddingMode::kSameLower:
      return "SAME_LOWER";
    case PaddingMode::kFull:
      return "FULL";
    case PaddingMode::kExplicit:
      return "EXPLICIT";
    case PaddingMode::kCausal:
      return "CAUSAL";
  }
  __builtin_unreachable();
}

absl::string_view Name(PaddingSource value) {
  switch (value) {
    case PaddingSource::kZero:
      return "ZERO";
    case PaddingSource::kReflect:
      return "REFLECT";
    case PaddingSource::kReplicate:
      return "REPLICATE";
    case PaddingSource::kCircular:
      return "CIRCULAR";
  }
  __builtin_unreachable();
}

absl::string_view Name(LengthRule value) {
  switch (value) {
    case LengthRule::kFloor:
      return "FLOOR";
    case LengthRule::kCeil:
      return "CEIL";
    case LengthRule::kStartInside:
      return "START_INSIDE";
  }
  __builtin_unreachable();
}

absl::string_view Name(AverageDivisor value) {
  switch (value) {
    case AverageDivisor::kExcluded:
      return "EXCLUDED";
    case AverageDivisor::kIncluded:
      return "INCLUDED";
    case AverageDivisor::kFixed:
      return "FIXED";
  }
  __builtin_unreachable();
}

absl::string_view Name(TieRule value) {
  switch (value) {
    case TieRule::kFirst:
      return "FIRST";
    case TieRule::kAll:
      return "ALL";
    case TieRule::kSplit:
      return "SPLIT";
  }
  __builtin_unreachable();
}

absl::string_view Name(NanRule value) { return value == NanRule::kFirst ? "FIRST" : "LAST"; }

absl::string_view Name(IndexBase value) {
  switch (value) {
    case IndexBase::kPlane:
      return "PLANE";
    case IndexBase::kTensor:
      return "TENSOR";
    case IndexBase::kTensorColumnMajor:
      return "TENSOR_COLUMN_MAJOR";
    case IndexBase::kLayout:
      return "LAYOUT";
    case IndexBase::kLayoutPerSample:
      return "LAYOUT_PER_SAMPLE";
  }
  __builtin_unreachable();
}

absl::string_view Name(WindowMode value) {
  switch (value) {
    case WindowMode::kExplicit:
      return "EXPLICIT";
    case WindowMode::kGlobal:
      return "GLOBAL";
    case WindowMode::kAdaptive:
      return "ADAPTIVE";
  }
  __builtin_unreachable();
}

absl::string_view Name(SlopeMatch value) {
  switch (value) {
    case SlopeMatch::kTrailing:
      return "TRAILING";
    case SlopeMatch::kChannel:
      return "CHANNEL";
    case SlopeMatch::kAxes:
      return "AXES";
  }
  __builtin_unreachable();
}

absl::string_view Name(PaddingLimit value) {
  switch (value) {
    case PaddingLimit::kNone:
      return "NONE";
    case PaddingLimit::kHalfWindow:
      return "HALF_WINDOW";
    case PaddingLimit::kHalfDilatedWindow:
      return "HALF_DILATED_WINDOW";
  }
  __builtin_unreachable();
}

absl::string_view Name(EmptyWindow value) { return value == EmptyWindow::kRefuse ? "REFUSE" : "NEGATIVE_INFINITY"; }

absl::string_view Name(IndexRange value) { return value == IndexRange::kPlane ? "PLANE" : "WINDOW"; }

}  // namespace tensord::compute
