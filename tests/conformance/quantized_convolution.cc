// ConvInteger and QLinearConv as requests. Their results are integers, which have to be the expected ones.
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/window.h"
#include "tests/conformance/wire.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Tensor;

// The inputs of either, by what they are; null where they are not given.
struct Quantized {
  const Tensor* input;
  const Tensor* filter;
  const Tensor* bias;
  const Tensor* input_zero_point;
  const Tensor* filter_zero_points;
};

absl::StatusOr<int64_t> OneInteger(const Tensor& tensor) {
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> integers, onnx_reader::Integers(tensor));
  if (integers.size() == 1) return integers[0];
  return absl::InvalidArgumentError(absl::StrCat("a zero point of one element is needed, not of ", integers.size()));
}

absl::StatusOr<float> OneFloat(const Tensor& tensor) {
  const std::vector<long double> reals = onnx_reader::Reals(tensor);
  if (reals.size() == 1 && tensor.type == ::onnx::TensorProto::FLOAT) return static_cast<float>(reals[0]);
  return absl::InvalidArgumentError("a scale of one FLOAT is needed");
}

absl::StatusOr<v1::ConvolveRequest> MakeRequest(const onnx_reader::Attributes& attributes, const Quantized& parts) {
  if (parts.input == nullptr || parts.filter == nullptr || parts.input->shape.size() != parts.filter->shape.size()) {
    return absl::InvalidArgumentError("x and w of one rank are needed");
  }
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(*parts.input));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_filter(), ToWire(*parts.filter));
  if (parts.bias != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(*request.mutable_bias(), ToWire(*parts.bias));
  }
  v1::Quantization& quantization = *request.mutable_quantization();
  if (parts.input_zero_point != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(const int64_t zero_point, OneInteger(*parts.input_zero_point));
    quantization.set_input_zero_point(zero_point);
  }
  if (parts.filter_zero_points != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> points, onnx_reader::Integers(*parts.filter_zero_points));
    quantization.mutable_filter_zero_points()->Add(points.begin(), points.end());
  }
  v1::ConvolutionConventions& conventions = *request.mutable_conventions();
  TENSORD_ASSIGN_OR_RETURN(*conventions.mutable_input_layout(), LayoutOf(*parts.input));
  TENSORD_ASSIGN_OR_RETURN(const WindowAttributes window,
                           ReadWindowAttributes(attributes, parts.input->shape.size() - 2));
  SetWindow(window, conventions);
  conventions.set_groups(attributes.Int("group", 1));
  if (attributes.Has("kernel_shape") && attributes.Ints("kernel_shape") != Spatial(parts.filter->shape)) {
    return absl::InvalidArgumentError("kernel_shape is not w's");
  }
  TENSORD_RETURN_IF_ERROR(attributes.Check());
  return request;
}

absl::StatusOr<std::vector<Computed>> Send(const v1::ConvolveRequest& request, client::ClientInterface& server) {
  TENSORD_ASSIGN_OR_RETURN(const v1::ConvolveResponse response, Answered(server.Convolve(request)));
  TENSORD_ASSIGN_OR_RETURN(const Tensor answer, FromWire(response.output()));
  return std::vector<Computed>{{answer}};
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunConvInteger(const Case& tested, client::ClientInterface& server) {
  TENSORD_ASSIGN_OR_RETURN(v1::ConvolveRequest request,
                           MakeRequest(tested.node.attributes,
                                       {tested.Input(0), tested.Input(1), nullptr, tested.Input(2), tested.Input(3)}));
  request.set_output_type(v1::DATA_TYPE_INT32);
  return Send(request, server);
}

absl::StatusOr<std::vector<Computed>> RunQLinearConv(const Case& tested, client::ClientInterface& server) {
  for (const size_t required : {size_t{1}, size_t{4}, size_t{6}, size_t{7}}) {
    if (tested.Input(required) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("QLinearConv needs its input ", required));
    }
  }
  TENSORD_ASSIGN_OR_RETURN(v1::ConvolveRequest request,
                           MakeRequest(tested.node.attributes, {tested.Input(0), tested.Input(3), tested.Input(8),
                                                                tested.Input(2), tested.Input(5)}));
  v1::Quantization& quantization = *request.mutable_quantization();
  TENSORD_ASSIGN_OR_RETURN(const float input_scale, OneFloat(*tested.Input(1)));
  quantization.set_input_scale(input_scale);
  for (const long double scale : onnx_reader::Reals(*tested.Input(4))) {
    quantization.add_filter_scales(static_cast<float>(scale));
  }
  TENSORD_ASSIGN_OR_RETURN(const float output_scale, OneFloat(*tested.Input(6)));
  quantization.set_output_scale(output_scale);
  TENSORD_ASSIGN_OR_RETURN(const int64_t zero_point, OneInteger(*tested.Input(7)));
  quantization.set_output_zero_point(zero_point);
  TENSORD_ASSIGN_OR_RETURN(const v1::DataType type, ToDataType(tested.Input(7)->type));
  request.set_output_type(type);
  return Send(request, server);
}

}  // namespace tensord::conformance
