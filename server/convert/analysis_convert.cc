#include "server/convert/analysis_convert.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/convert/append.h"
#include "server/convert/conventions_convert.h"
#include "server/convert/count_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/request_errors.h"
#include "tensord/analysis/dataset.h"
#include "tensord/analysis/layer.h"

namespace tensord::server {
namespace {

using Dimensions = google::protobuf::RepeatedPtrField<v1::Dimension>;

// Analysis takes microseconds, but a hostile expression can take more: it never runs on gRPC's threads.
constexpr double kAnalysisNs = 1e6;

analysis::Dimension DecodeDimension(const v1::Dimension& dimension) {
  if (dimension.size_case() == v1::Dimension::kValue) return dimension.value();
  return dimension.symbol();  // empty where nothing was given, which is a violation wherever it stands
}

std::vector<analysis::Dimension> DecodeDimensions(const Dimensions& dimensions) {
  std::vector<analysis::Dimension> decoded;
  decoded.reserve(static_cast<size_t>(dimensions.size()));
  for (const v1::Dimension& dimension : dimensions) decoded.push_back(DecodeDimension(dimension));
  return decoded;
}

template <typename Message>
void EncodeFormulas(const std::vector<analysis::Formula>& formulas, Message& message) {
  for (const analysis::Formula& formula : formulas) {
    v1::Formula& encoded = Append(*message.mutable_formulas());
    encoded.set_quantity(formula.quantity);
    encoded.set_general(formula.general);
    encoded.set_substituted(formula.substituted);
  }
}

std::optional<analysis::LayerAnalysis> Analyze(const v1::AnalyzeLayerRequest& request, compute::Profile profile,
                                               compute::DataType type, compute::Violations& violations) {
  switch (request.layer_case()) {
    case v1::AnalyzeLayerRequest::kConvolution: {
      const v1::ConvolutionLayer& layer = request.convolution();
      return analysis::AnalyzeConvolution(
          {.input_shape = DecodeDimensions(layer.input_shape()),
           .filter_shape = DecodeDimensions(layer.filter_shape()),
           .bias = layer.has_bias() ? layer.bias() : true,
           .conventions = DecodeConventions(layer.conventions(), "convolution.conventions", violations),
           .symbolic_strides = DecodeDimensions(layer.symbolic_strides())},
          profile, type, "convolution", violations);
    }
    case v1::AnalyzeLayerRequest::kTransposedConvolution: {
      const v1::TransposedConvolutionLayer& layer = request.transposed_convolution();
      return analysis::AnalyzeTransposedConvolution(
          {.input_shape = DecodeDimensions(layer.input_shape()),
           .filter_shape = DecodeDimensions(layer.filter_shape()),
           .bias = layer.has_bias() ? layer.bias() : true,
           .conventions = DecodeConventions(layer.conventions(), "transposed_convolution.conventions", violations),
           .symbolic_strides = DecodeDimensions(layer.symbolic_strides())},
          profile, type, "transposed_convolution", violations);
    }
    case v1::AnalyzeLayerRequest::kPooling: {
      const v1::PoolingLayer& layer = request.pooling();
      const auto kind = DecodeRequired(layer.kind(), "pooling.kind", violations);
      const auto conventions = DecodeConventions(layer.conventions(), "pooling.conventions", violations);
      if (!kind.has_value()) return std::nullopt;
      return analysis::AnalyzePooling({.kind = *kind,
                                       .input_shape = DecodeDimensions(layer.input_shape()),
                                       .conventions = conventions,
                                       .symbolic_strides = DecodeDimensions(layer.symbolic_strides())},
                                      profile, type, "pooling", violations);
    }
    case v1::AnalyzeLayerRequest::LAYER_NOT_SET:
      violations.Add("layer", "was not given, has to be convolution, transposed_convolution or pooling");
  }
  return std::nullopt;
}

v1::AnalyzeLayerResponse Encode(const analysis::LayerAnalysis& layer) {
  v1::AnalyzeLayerResponse response;
  for (const analysis::Count& size : layer.output_shape) EncodeCount(size, Append(*response.mutable_output_shape()));
  EncodeCount(layer.parameter_count, *response.mutable_parameter_count());
  EncodeCount(layer.weight_count, *response.mutable_weight_count());
  EncodeCount(layer.bias_count, *response.mutable_bias_count());
  EncodeCount(layer.multiplication_count, *response.mutable_multiplication_count());
  EncodeCount(layer.addition_count, *response.mutable_addition_count());
  EncodeCount(layer.mac_count, *response.mutable_mac_count());
  EncodeCount(layer.flop_count, *response.mutable_flop_count());
  EncodeCount(layer.input_channel_count, *response.mutable_input_channel_count());
  EncodeCount(layer.output_channel_count, *response.mutable_output_channel_count());
  EncodeCount(layer.byte_count.input, *response.mutable_byte_count()->mutable_input());
  EncodeCount(layer.byte_count.filter, *response.mutable_byte_count()->mutable_filter());
  EncodeCount(layer.byte_count.bias, *response.mutable_byte_count()->mutable_bias());
  EncodeCount(layer.byte_count.output, *response.mutable_byte_count()->mutable_output());
  EncodeCount(layer.comparison_count, *response.mutable_comparison_count());
  EncodeCount(layer.division_count, *response.mutable_division_count());
  EncodeFormulas(layer.formulas, response);
  for (const std::string& condition : layer.conditions) Append(*response.mutable_conditions()) = condition;
  if (const auto* convolution = std::get_if<compute::ConvolutionGeometry>(&layer.geometry)) {
    *response.mutable_convolution_conventions() = EncodeConventions(*convolution);
  } else if (const auto* transposed = std::get_if<compute::TransposedConvolutionGeometry>(&layer.geometry)) {
    *response.mutable_transposed_convolution_conventions() = EncodeConventions(*transposed);
  } else {
    *response.mutable_pooling_conventions() = EncodeConventions(std::get<compute::PoolingGeometry>(layer.geometry));
  }
  return response;
}

}  // namespace

absl::StatusOr<PreparedCall<v1::AnalyzeLayerResponse>> PrepareAnalyzeLayer(const v1::AnalyzeLayerRequest& request,
                                                                           const PrepareOptions&) {
  PreparedCall<v1::AnalyzeLayerResponse> call;
  call.estimated_ns = kAnalysisNs;
  call.run = [&request](const compute::ExecutionContext&) -> absl::StatusOr<v1::AnalyzeLayerResponse> {
    RequestErrors errors;
    const auto profile = Decode(request.profile(), "profile", errors.violations());
    const auto type = Decode(request.data_type(), "data_type", errors.violations());
    const auto layer = Analyze(request, profile.value_or(compute::Profile::kNone),
                               type.value_or(compute::DataType::kFloat32), errors.violations());
    if (!errors.ok()) return errors.ToStatus();
    v1::AnalyzeLayerResponse response = Encode(*layer);
    response.set_profile(request.profile());
    return response;
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::DescribeDatasetResponse>> PrepareDescribeDataset(
    const v1::DescribeDatasetRequest& request, const PrepareOptions&) {
  PreparedCall<v1::DescribeDatasetResponse> call;
  call.estimated_ns = kAnalysisNs;
  call.run = [&request](const compute::ExecutionContext&) -> absl::StatusOr<v1::DescribeDatasetResponse> {
    RequestErrors errors;
    const auto type = Decode(request.data_type(), "data_type", errors.violations());
    std::vector<analysis::DatasetAxis> axes;
    for (const v1::DatasetAxis& axis : request.axes()) {
      axes.push_back({.name = axis.name(), .size = DecodeDimension(axis.size())});
    }
    const auto description =
        analysis::DescribeDataset(axes, type.value_or(compute::DataType::kUint8), "axes", errors.violations());
    if (!errors.ok()) return errors.ToStatus();
    v1::DescribeDatasetResponse response;
    for (const analysis::Count& size : description->shape) EncodeCount(size, Append(*response.mutable_shape()));
    for (const std::string& name : description->axes) Append(*response.mutable_axes()) = name;
    EncodeCount(description->element_count, *response.mutable_element_count());
    EncodeCount(description->byte_count, *response.mutable_byte_count());
    response.set_data_type(Encode(description->data_type));
    EncodeFormulas(description->formulas, response);
    return response;
  };
  return call;
}

}  // namespace tensord::server
