#include "server/convert/enum_convert.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace tensord::server {
namespace {

template <typename Proto, typename Engine>
using Table = std::initializer_list<std::pair<Proto, Engine>>;

// TableOf(Proto, Engine): the pairs; what is compared with the descriptor by a test, so that none is forgotten.
Table<v1::DataType, compute::DataType> TableOf(v1::DataType, compute::DataType) {
  static constexpr Table<v1::DataType, compute::DataType> kTable = {
      {v1::DATA_TYPE_FLOAT16, compute::DataType::kFloat16}, {v1::DATA_TYPE_BFLOAT16, compute::DataType::kBfloat16},
      {v1::DATA_TYPE_FLOAT32, compute::DataType::kFloat32}, {v1::DATA_TYPE_FLOAT64, compute::DataType::kFloat64},
      {v1::DATA_TYPE_INT8, compute::DataType::kInt8},       {v1::DATA_TYPE_UINT8, compute::DataType::kUint8},
      {v1::DATA_TYPE_INT32, compute::DataType::kInt32},     {v1::DATA_TYPE_INT64, compute::DataType::kInt64},
  };
  return kTable;
}

Table<v1::ConventionProfile, compute::Profile> TableOf(v1::ConventionProfile, compute::Profile) {
  static constexpr Table<v1::ConventionProfile, compute::Profile> kTable = {
      {v1::CONVENTION_PROFILE_UNSPECIFIED, compute::Profile::kNone},
      {v1::CONVENTION_PROFILE_TEXTBOOK, compute::Profile::kTextbook},
      {v1::CONVENTION_PROFILE_PYTORCH, compute::Profile::kPytorch},
      {v1::CONVENTION_PROFILE_ONNX, compute::Profile::kOnnx},
      {v1::CONVENTION_PROFILE_TENSORFLOW, compute::Profile::kTensorflow},
      {v1::CONVENTION_PROFILE_CUDNN, compute::Profile::kCudnn},
  };
  return kTable;
}

Table<v1::KernelMode, compute::KernelMode> TableOf(v1::KernelMode, compute::KernelMode) {
  static constexpr Table<v1::KernelMode, compute::KernelMode> kTable = {
      {v1::KERNEL_MODE_CROSS_CORRELATION, compute::KernelMode::kCrossCorrelation},
      {v1::KERNEL_MODE_TRUE_CONVOLUTION, compute::KernelMode::kTrueConvolution},
  };
  return kTable;
}

Table<v1::PaddingMode, compute::PaddingMode> TableOf(v1::PaddingMode, compute::PaddingMode) {
  static constexpr Table<v1::PaddingMode, compute::PaddingMode> kTable = {
      {v1::PADDING_MODE_VALID, compute::PaddingMode::kValid},
      {v1::PADDING_MODE_SAME_UPPER, compute::PaddingMode::kSameUpper},
      {v1::PADDING_MODE_SAME_LOWER, compute::PaddingMode::kSameLower},
      {v1::PADDING_MODE_FULL, compute::PaddingMode::kFull},
      {v1::PADDING_MODE_EXPLICIT, compute::PaddingMode::kExplicit},
      {v1::PADDING_MODE_CAUSAL, compute::PaddingMode::kCausal},
  };
  return kTable;
}

Table<v1::PaddingSource, compute::PaddingSource> TableOf(v1::PaddingSource, compute::PaddingSource) {
  static constexpr Table<v1::PaddingSource, compute::PaddingSource> kTable = {
      {v1::PADDING_SOURCE_ZERO, compute::PaddingSource::kZero},
      {v1::PADDING_SOURCE_REFLECT, compute::PaddingSource::kReflect},
      {v1::PADDING_SOURCE_REPLICATE, compute::PaddingSource::kReplicate},
      {v1::PADDING_SOURCE_CIRCULAR, compute::PaddingSource::kCircular},
  };
  return kTable;
}

Table<v1::LengthRule, compute::LengthRule> TableOf(v1::LengthRule, compute::LengthRule) {
  static constexpr Table<v1::LengthRule, compute::LengthRule> kTable = {
      {v1::LENGTH_RULE_FLOOR, compute::LengthRule::kFloor},
      {v1::LENGTH_RULE_CEIL, compute::LengthRule::kCeil},
      {v1::LENGTH_RULE_START_INSIDE, compute::LengthRule::kStartInside},
  };
  return kTable;
}

Table<v1::AverageDivisor, compute::AverageDivisor> TableOf(v1::AverageDivisor, compute::AverageDivisor) {
  static constexpr Table<v1::AverageDivisor, compute::AverageDivisor> kTable = {
      {v1::AVERAGE_DIVISOR_EXCLUDED, compute::AverageDivisor::kExcluded},
      {v1::AVERAGE_DIVISOR_INCLUDED, compute::AverageDivisor::kIncluded},
      {v1::AVERAGE_DIVISOR_FIXED, compute::AverageDivisor::kFixed},
  };
  return kTable;
}

Table<v1::TieRule, compute::TieRule> TableOf(v1::TieRule, compute::TieRule) {
  static constexpr Table<v1::TieRule, compute::TieRule> kTable = {
      {v1::TIE_RULE_FIRST, compute::TieRule::kFirst},
      {v1::TIE_RULE_ALL, compute::TieRule::kAll},
      {v1::TIE_RULE_SPLIT, compute::TieRule::kSplit},
  };
  return kTable;
}

Table<v1::NanRule, compute::NanRule> TableOf(v1::NanRule, compute::NanRule) {
  static constexpr Table<v1::NanRule, compute::NanRule> kTable = {
      {v1::NAN_RULE_FIRST, compute::NanRule::kFirst},
      {v1::NAN_RULE_LAST, compute::NanRule::kLast},
  };
  return kTable;
}

Table<v1::IndexBase, compute::IndexBase> TableOf(v1::IndexBase, compute::IndexBase) {
  static constexpr Table<v1::IndexBase, compute::IndexBase> kTable = {
      {v1::INDEX_BASE_PLANE, compute::IndexBase::kPlane},
      {v1::INDEX_BASE_TENSOR, compute::IndexBase::kTensor},
      {v1::INDEX_BASE_TENSOR_COLUMN_MAJOR, compute::IndexBase::kTensorColumnMajor},
      {v1::INDEX_BASE_LAYOUT, compute::IndexBase::kLayout},
      {v1::INDEX_BASE_LAYOUT_PER_SAMPLE, compute::IndexBase::kLayoutPerSample},
  };
  return kTable;
}

Table<v1::PoolingKind, compute::PoolingKind> TableOf(v1::PoolingKind, compute::PoolingKind) {
  static constexpr Table<v1::PoolingKind, compute::PoolingKind> kTable = {
      {v1::POOLING_KIND_MAX, compute::PoolingKind::kMax},
      {v1::POOLING_KIND_AVERAGE, compute::PoolingKind::kAverage},
      {v1::POOLING_KIND_SUBSAMPLE, compute::PoolingKind::kSubsample},
      {v1::POOLING_KIND_LP, compute::PoolingKind::kLp},
  };
  return kTable;
}

Table<v1::WindowMode, compute::WindowMode> TableOf(v1::WindowMode, compute::WindowMode) {
  static constexpr Table<v1::WindowMode, compute::WindowMode> kTable = {
      {v1::WINDOW_MODE_EXPLICIT, compute::WindowMode::kExplicit},
      {v1::WINDOW_MODE_GLOBAL, compute::WindowMode::kGlobal},
      {v1::WINDOW_MODE_ADAPTIVE, compute::WindowMode::kAdaptive},
  };
  return kTable;
}

Table<v1::EmptyWindow, compute::EmptyWindow> TableOf(v1::EmptyWindow, compute::EmptyWindow) {
  static constexpr Table<v1::EmptyWindow, compute::EmptyWindow> kTable = {
      {v1::EMPTY_WINDOW_REFUSE, compute::EmptyWindow::kRefuse},
      {v1::EMPTY_WINDOW_NEGATIVE_INFINITY, compute::EmptyWindow::kNegativeInfinity},
  };
  return kTable;
}

Table<v1::PaddingLimit, compute::PaddingLimit> TableOf(v1::PaddingLimit, compute::PaddingLimit) {
  static constexpr Table<v1::PaddingLimit, compute::PaddingLimit> kTable = {
      {v1::PADDING_LIMIT_NONE, compute::PaddingLimit::kNone},
      {v1::PADDING_LIMIT_HALF_WINDOW, compute::PaddingLimit::kHalfWindow},
      {v1::PADDING_LIMIT_HALF_DILATED_WINDOW, compute::PaddingLimit::kHalfDilatedWindow},
  };
  return kTable;
}

Table<v1::IndexRange, compute::IndexRange> TableOf(v1::IndexRange, compute::IndexRange) {
  static constexpr Table<v1::IndexRange, compute::IndexRange> kTable = {
      {v1::INDEX_RANGE_PLANE, compute::IndexRange::kPlane},
      {v1::INDEX_RANGE_WINDOW, compute::IndexRange::kWindow},
  };
  return kTable;
}

Table<v1::ActivationKind, compute::ActivationKind> TableOf(v1::ActivationKind, compute::ActivationKind) {
  using Kind = compute::ActivationKind;
  static constexpr Table<v1::ActivationKind, Kind> kTable = {
      {v1::ACTIVATION_KIND_IDENTITY, Kind::kIdentity},
      {v1::ACTIVATION_KIND_RELU, Kind::kRelu},
      {v1::ACTIVATION_KIND_LEAKY_RELU, Kind::kLeakyRelu},
      {v1::ACTIVATION_KIND_ELU, Kind::kElu},
      {v1::ACTIVATION_KIND_SELU, Kind::kSelu},
      {v1::ACTIVATION_KIND_SIGMOID, Kind::kSigmoid},
      {v1::ACTIVATION_KIND_TANH, Kind::kTanh},
      {v1::ACTIVATION_KIND_SOFTPLUS, Kind::kSoftplus},
      {v1::ACTIVATION_KIND_SOFTSIGN, Kind::kSoftsign},
      {v1::ACTIVATION_KIND_SILU, Kind::kSilu},
      {v1::ACTIVATION_KIND_GELU, Kind::kGelu},
      {v1::ACTIVATION_KIND_HARD_SIGMOID, Kind::kHardSigmoid},
      {v1::ACTIVATION_KIND_HARD_SWISH, Kind::kHardSwish},
      {v1::ACTIVATION_KIND_CELU, Kind::kCelu},
      {v1::ACTIVATION_KIND_MISH, Kind::kMish},
      {v1::ACTIVATION_KIND_THRESHOLDED_RELU, Kind::kThresholdedRelu},
      {v1::ACTIVATION_KIND_ERF, Kind::kErf},
      {v1::ACTIVATION_KIND_HARD_TANH, Kind::kHardTanh},
      {v1::ACTIVATION_KIND_RELU6, Kind::kRelu6},
      {v1::ACTIVATION_KIND_LOG_SIGMOID, Kind::kLogSigmoid},
      {v1::ACTIVATION_KIND_PRELU, Kind::kPrelu},
      {v1::ACTIVATION_KIND_SOFTMAX, Kind::kSoftmax},
      {v1::ACTIVATION_KIND_LOG_SOFTMAX, Kind::kLogSoftmax},
  };
  return kTable;
}

Table<v1::GeluForm, compute::GeluForm> TableOf(v1::GeluForm, compute::GeluForm) {
  static constexpr Table<v1::GeluForm, compute::GeluForm> kTable = {
      {v1::GELU_FORM_EXACT, compute::GeluForm::kExact},
      {v1::GELU_FORM_TANH, compute::GeluForm::kTanh},
  };
  return kTable;
}

Table<v1::KinkSlope, compute::KinkSlope> TableOf(v1::KinkSlope, compute::KinkSlope) {
  static constexpr Table<v1::KinkSlope, compute::KinkSlope> kTable = {
      {v1::KINK_SLOPE_LEFT, compute::KinkSlope::kLeft},
      {v1::KINK_SLOPE_RIGHT, compute::KinkSlope::kRight},
      {v1::KINK_SLOPE_MEAN, compute::KinkSlope::kMean},
      {v1::KINK_SLOPE_SATURATED, compute::KinkSlope::kSaturated},
  };
  return kTable;
}

Table<v1::SlopeMatch, compute::SlopeMatch> TableOf(v1::SlopeMatch, compute::SlopeMatch) {
  static constexpr Table<v1::SlopeMatch, compute::SlopeMatch> kTable = {
      {v1::SLOPE_MATCH_TRAILING, compute::SlopeMatch::kTrailing},
      {v1::SLOPE_MATCH_CHANNEL, compute::SlopeMatch::kChannel},
      {v1::SLOPE_MATCH_AXES, compute::SlopeMatch::kAxes},
  };
  return kTable;
}

Table<v1::Accumulation, compute::Accumulation> TableOf(v1::Accumulation, compute::Accumulation) {
  static constexpr Table<v1::Accumulation, compute::Accumulation> kTable = {
      {v1::ACCUMULATION_FAST, compute::Accumulation::kFast},
      {v1::ACCUMULATION_FAITHFUL, compute::Accumulation::kFaithful},
      {v1::ACCUMULATION_EXACT, compute::Accumulation::kExact},
  };
  return kTable;
}

// "VALID, SAME_UPPER, ...": the values without the enum's prefix and without UNSPECIFIED.
template <typename Proto>
std::string Choices() {
  const google::protobuf::EnumDescriptor& descriptor = *google::protobuf::GetEnumDescriptor<Proto>();
  const std::string& unspecified = descriptor.value(0)->name();
  const size_t prefix = unspecified.size() - absl::string_view("UNSPECIFIED").size();
  std::string choices;
  for (int i = 1; i < descriptor.value_count(); ++i) {
    absl::StrAppend(&choices, i == 1 ? "" : ", ", descriptor.value(i)->name().substr(prefix));
  }
  return choices;
}

template <typename Proto, typename Engine>
std::optional<Engine> DecodeWith(Table<Proto, Engine> table, Proto value, absl::string_view field,
                                 compute::Violations& violations) {
  for (const auto& [proto, engine] : table) {
    if (proto == value) return engine;
  }
  if (value != Proto{0}) {
    violations.Add(field, absl::StrCat("was ", static_cast<int>(value), ", has to be one of ", Choices<Proto>()));
  }
  return std::nullopt;
}

template <typename Proto, typename Engine>
Proto EncodeWith(Table<Proto, Engine> table, Engine value) {
  for (const auto& [proto, engine] : table) {
    if (engine == value) return proto;
  }
  return Proto{0};
}

}  // namespace

#define TENSORD_ENUM(Proto, Engine)                                                                     \
  std::optional<Engine> Decode(Proto value, absl::string_view field, compute::Violations& violations) { \
    return DecodeWith(TableOf(Proto{}, Engine{}), value, field, violations);                            \
  }                                                                                                     \
  Proto Encode(Engine value) { return EncodeWith(TableOf(Proto{}, Engine{}), value); }
#include "server/convert/enums.inc"
#undef TENSORD_ENUM

}  // namespace tensord::server
