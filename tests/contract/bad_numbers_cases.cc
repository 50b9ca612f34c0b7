// Accumulations, types, quantisations and bounds that make no sense.
#include <cmath>
#include <limits>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

// One case for the rpc's good request.
template <typename Request>
class Spoiler {
 public:
  Spoiler(std::string rpc, Request good, Cases& cases) : rpc_(std::move(rpc)), good_(std::move(good)), cases_(cases) {}

  template <typename Spoil>
  void operator()(const std::string& name, Spoil spoil, const std::string& field, const std::string& text) const {
    cases_.Add(kTensorService + rpc_, name, good_, spoil, field, text);
  }

 private:
  const std::string rpc_;
  const Request good_;
  Cases& cases_;
};

// Of every rpc that has sums.
template <typename Request>
void AddAccumulationCases(const Spoiler<Request>& add) {
  add(
      "AccumulationUnknown", [](auto& r) { r.set_accumulation(static_cast<v1::Accumulation>(9)); }, "accumulation",
      "was 9, has to be one of FAST, FAITHFUL, EXACT");
}

// Of both kinds of convolution, forwards and backwards; the good requests have a sigmoid.
template <typename Request>
void AddConvolutionNumbersCases(const Spoiler<Request>& add, const std::string& bounds_field,
                                const std::string& bounds_text) {
  add(
      "ExactWithASigmoid", [](auto& r) { r.set_accumulation(v1::ACCUMULATION_EXACT); }, "activation.kind",
      "was sigmoid, has to be piecewise linear with EXACT accumulation");
  add(
      "BoundsWithASigmoid", [](auto& r) { r.set_return_error_bounds(true); }, bounds_field, bounds_text);
  add(
      "DoublesForIntegers",
      [](auto& r) {
        r.mutable_filter()->set_data_type(v1::DATA_TYPE_INT8);
        r.mutable_filter()->mutable_doubles()->add_values(1);
      },
      "filter.doubles", "was given, has to be left out: elements of DATA_TYPE_INT8 come as bytes or integers");
}

// A quantised request of that rpc: u8 [2, 5, 4, 3] by u8 filters of 4 output channels, with scales.
template <typename Request>
Request Quantized(Request request) {
  request.clear_activation();
  request.clear_bias();
  const auto bytes = [](v1::Tensor& tensor) {
    tensor.set_data_type(v1::DATA_TYPE_UINT8);
    tensor.set_data(std::string(tensor.data().size() / 4, '\x01'));
  };
  bytes(*request.mutable_input());
  bytes(*request.mutable_filter());
  v1::Quantization& quantization = *request.mutable_quantization();
  quantization.set_input_zero_point(3);
  quantization.add_filter_zero_points(1);
  quantization.set_input_scale(0.5F);
  quantization.add_filter_scales(0.25F);
  quantization.set_output_scale(2);
  quantization.set_output_zero_point(100);
  return request;
}

template <typename Request>
void AddScaleCases(const Spoiler<Request>& add) {
  struct Bad {
    const char* name;
    float value;
  };
  for (const Bad& bad : {Bad{"Zero", 0}, Bad{"Negative", -1}, Bad{"Nan", std::nanf("")},
                         Bad{"Infinite", std::numeric_limits<float>::infinity()}}) {
    const std::string name = bad.name;
    const float value = bad.value;
    add(
        "InputScale" + name, [=](auto& r) { r.mutable_quantization()->set_input_scale(value); },
        "quantization.input_scale", "has to be positive and finite");
    add(
        "FilterScale" + name, [=](auto& r) { r.mutable_quantization()->set_filter_scales(0, value); },
        "quantization.filter_scales[0]", "has to be positive and finite");
    add(
        "OutputScale" + name, [=](auto& r) { r.mutable_quantization()->set_output_scale(value); },
        "quantization.output_scale", "has to be positive and finite");
  }
  add(
      "InputScaleMissing", [](auto& r) { r.mutable_quantization()->clear_input_scale(); }, "quantization.input_scale",
      "was not given, is required beside the other scales");
  add(
      "FilterScalesMissing", [](auto& r) { r.mutable_quantization()->clear_filter_scales(); },
      "quantization.filter_scales", "was not given, is required beside the other scales");
  add(
      "OutputScaleMissing", [](auto& r) { r.mutable_quantization()->clear_output_scale(); },
      "quantization.output_scale", "was not given, is required beside the other scales");
  add(
      "FilterScalesOfOtherCount", [](auto& r) { r.mutable_quantization()->add_filter_scales(1); },
      "quantization.filter_scales", "had 2 entries, has to have 1 or one per output channel, 4");
}

template <typename Request>
void AddQuantizationCases(const Spoiler<Request>& add) {
  AddScaleCases(add);
  add(
      "InputZeroPointTooLarge", [](auto& r) { r.mutable_quantization()->set_input_zero_point(256); },
      "quantization.input_zero_point", "was 256, has to be 0..255, as uint8");
  add(
      "InputZeroPointOf2To32", [](auto& r) { r.mutable_quantization()->set_input_zero_point(int64_t{1} << 32); },
      "quantization.input_zero_point", "was 4294967296");
  add(
      "FilterZeroPointNegative",
      [](auto& r) {
        for (const int zero_point : {0, -1, 0}) r.mutable_quantization()->add_filter_zero_points(zero_point);
      },
      "quantization.filter_zero_points[2]", "was -1, has to be 0..255, as uint8");
  add(
      "FilterZeroPointsOfOtherCount", [](auto& r) { r.mutable_quantization()->add_filter_zero_points(1); },
      "quantization.filter_zero_points", "had 2 entries, has to have 1 or one per output channel, 4");
  add(
      "OutputZeroPointOfOtherType",
      [](auto& r) {
        r.set_output_type(v1::DATA_TYPE_INT8);
        r.mutable_quantization()->set_output_zero_point(128);
      },
      "quantization.output_zero_point", "was 128, has to be -128..127, as int8");
  add(
      "OutputZeroPointWithoutScales",
      [](auto& r) {
        r.mutable_quantization()->clear_input_scale();
        r.mutable_quantization()->clear_filter_scales();
        r.mutable_quantization()->clear_output_scale();
      },
      "quantization.output_zero_point", "was given, has to be left out: only a result with scales has one");
  add(
      "OutputTypeOf32BitsWithScales", [](auto& r) { r.set_output_type(v1::DATA_TYPE_INT32); }, "output_type",
      "was int32, has to be int8 or uint8 beside scales");
  add(
      "BoundsWithScales", [](auto& r) { r.set_return_error_bounds(true); }, "return_error_bounds",
      "has to be unset with a requantisation");
  add(
      "BiasOfFloats", [](auto& r) { *r.mutable_bias() = Ramp({4}); }, "bias.data_type", "was float32, has to be int32");
  add(
      "ActivationOfIntegers", [](auto& r) { r.mutable_activation()->set_kind(v1::ACTIVATION_KIND_RELU); },
      "activation.kind", "has to be unset for an input of uint8");
  add(
      "IntegerThatUint8CannotHold",
      [](auto& r) {
        v1::Tensor& input = *r.mutable_input();
        for (int i = 0; i < 120; ++i) input.mutable_integers()->add_values(i == 7 ? 256 : i);
      },
      "input.integers.values[7]", "was 256, which uint8 does not represent exactly");
  add(
      "ScalesInAWrongGeometry",
      [](auto& r) {
        r.mutable_conventions()->set_groups(0);
        r.mutable_quantization()->set_output_scale(-1);
      },
      "quantization.output_scale", "was -1");
}

template <typename Request>
void AddOutputTypeCases(const Spoiler<Request>& add) {
  add(
      "OutputTypeUnknown", [](auto& r) { r.set_output_type(static_cast<v1::DataType>(99)); }, "output_type",
      "was 99, has to be one of FLOAT16, BFLOAT16, FLOAT32");
  add(
      "OutputTypeAtOdds", [](auto& r) { r.set_output_type(v1::DATA_TYPE_FLOAT64); }, "output_type",
      "was float64, has to be float32");
}

template <typename Request>
void AddForwardCases(const std::string& rpc, const Request& good, Cases& cases) {
  const Spoiler<Request> add(rpc, good, cases);
  AddConvolutionNumbersCases(add, "activation.kind", "was sigmoid, has to be identity, relu or leaky_relu");
  AddOutputTypeCases(add);
  add(
      "FilterOfFloatsForIntegers",
      [](auto& r) {
        r.clear_activation();
        r.mutable_input()->set_data_type(v1::DATA_TYPE_INT8);
      },
      "filter.data_type", "was float32, has to be int8 or uint8, as the input is int8");
  add(
      "QuantizationOfFloats", [](auto& r) { r.mutable_quantization(); }, "quantization",
      "was given, has to be left out for an input of float32: only int8 and uint8 stand for other numbers");
  AddQuantizationCases(Spoiler<Request>(rpc, Quantized(good), cases));
}

template <typename Request>
void AddBackwardCases(const std::string& rpc, const Request& good, Cases& cases) {
  const Spoiler<Request> add(rpc, good, cases);
  AddConvolutionNumbersCases(add, "return_error_bounds", "has to be unset with the activation sigmoid");
  add(
      "GradientsOfIntegers",
      [](auto& r) {
        r.mutable_input()->set_data_type(v1::DATA_TYPE_INT32);
        r.mutable_filter()->set_data_type(v1::DATA_TYPE_INT32);
      },
      "input.data_type", "was int32, has to be a floating type");
}

void AddPoolCases(Cases& cases) {
  const Spoiler<v1::PoolRequest> add("Pool", GoodPool(), cases);
  const auto of = [](v1::PoolingKind kind, v1::DataType type) {
    return [=](v1::PoolRequest& r) {
      r.set_kind(kind);
      r.set_return_indices(false);
      r.mutable_input()->set_data_type(type);
    };
  };
  AddOutputTypeCases(add);
  add("NormOfIntegers", of(v1::POOLING_KIND_LP, v1::DATA_TYPE_INT32), "input.data_type", "was int32");
  add("AverageOfIntegersWithoutType", of(v1::POOLING_KIND_AVERAGE, v1::DATA_TYPE_INT32), "output_type",
      "was not given, has to be a floating type");
  add(
      "AverageOfIntegersInIntegers",
      [=](auto& r) {
        of(v1::POOLING_KIND_AVERAGE, v1::DATA_TYPE_INT32)(r);
        r.set_output_type(v1::DATA_TYPE_INT64);
      },
      "output_type", "was int64, has to be a floating type");
  add(
      "EmptyWindowsOfIntegers",
      [=](auto& r) {
        of(v1::POOLING_KIND_MAX, v1::DATA_TYPE_INT32)(r);
        r.mutable_conventions()->set_empty_window(v1::EMPTY_WINDOW_NEGATIVE_INFINITY);
      },
      "conventions.empty_window", "has to be");
  add(
      "ExactNormOfThree",
      [=](auto& r) {
        of(v1::POOLING_KIND_LP, v1::DATA_TYPE_FLOAT32)(r);
        r.mutable_conventions()->set_p(3);
        r.set_accumulation(v1::ACCUMULATION_EXACT);
      },
      "accumulation", "p = 3");
}

void AddPoolBackwardCases(Cases& cases) {
  const Spoiler<v1::PoolBackwardRequest> add("PoolBackward", GoodPoolBackward(), cases);
  add(
      "GradientOfIntegers", [](auto& r) { r.mutable_input()->set_data_type(v1::DATA_TYPE_INT32); }, "input.data_type",
      "was int32");
  add(
      "ExactNormOfTwo",
      [](auto& r) {
        r.set_kind(v1::POOLING_KIND_LP);
        r.set_accumulation(v1::ACCUMULATION_EXACT);
      },
      "accumulation", "was EXACT");
  add(
      "BoundsOfANorm",
      [](auto& r) {
        r.set_kind(v1::POOLING_KIND_LP);
        r.set_return_error_bounds(true);
      },
      "return_error_bounds", "was set");
}

}  // namespace

void AddNumbersCases(Cases& cases) {
  const auto accumulation = [&](const std::string& rpc, auto good) {
    AddAccumulationCases(Spoiler<decltype(good)>(rpc, good, cases));
  };
  accumulation("Convolve", GoodConvolve());
  accumulation("ConvolveBackward", GoodConvolveBackward());
  accumulation("ConvolveTranspose", GoodConvolveTranspose());
  accumulation("ConvolveTransposeBackward", GoodConvolveTransposeBackward());
  accumulation("Pool", GoodPool());
  accumulation("PoolBackward", GoodPoolBackward());
  AddForwardCases("Convolve", GoodConvolve(), cases);
  AddForwardCases("ConvolveTranspose", GoodConvolveTranspose(), cases);
  AddBackwardCases("ConvolveBackward", GoodConvolveBackward(), cases);
  AddBackwardCases("ConvolveTransposeBackward", GoodConvolveTransposeBackward(), cases);
  AddPoolCases(cases);
  AddPoolBackwardCases(cases);
}

}  // namespace tensord::contract
