// Requests that the validator and the production code both judge.
#ifndef TENSORD_TESTS_ANALYSIS_VALIDATOR_REQUESTS_H_
#define TENSORD_TESTS_ANALYSIS_VALIDATOR_REQUESTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/layer.h"
#include "tensord/compute/transposed_convolution.h"
#include "tests/analysis/agreement.h"
#include "tests/reference/validity.h"

namespace tensord::test_support {

// Judges requests with one and counts what it saw.
class Judge {
 public:
  // Analyses every `analysis_step`-th request too.
  explicit Judge(int64_t analysis_step) : agreement_(analysis_step) {}

  void Check(const reference::ConvolutionRequest& request, bool transposed) {
    const Output expected =
        transposed ? reference::OutputOfTransposed(request) : reference::OutputOfConvolution(request);
    const compute::Shape input = InputShape(request);
    const compute::Shape filter = FilterShape(request);
    Compare(request, transposed, expected, Resolved(request, transposed, input, filter), "compute");
    if (agreement_.Begin(expected)) {
      Compare(request, transposed, expected, Analysed(request, transposed, input, filter), "analysis");
    }
  }

  void Report(const std::string& what) const { agreement_.Report(what); }

 private:
  static compute::Shape InputShape(const reference::ConvolutionRequest& request) {
    compute::Shape shape{request.batch};
    for (const reference::AxisRequest& axis : request.axes) shape.Append(axis.input);
    shape.Append(request.channels);
    return shape;
  }

  static compute::Shape FilterShape(const reference::ConvolutionRequest& request) {
    compute::Shape shape;
    for (const reference::AxisRequest& axis : request.axes) shape.Append(axis.window);
    shape.Append(request.filter_input);
    shape.Append(request.filter_output);
    return shape;
  }

  static compute::TransposedConvolutionConventions Conventions(const reference::ConvolutionRequest& request) {
    compute::TransposedConvolutionConventions given;
    given.convolution.groups = request.groups;
    given.convolution.padding.mode = request.mode;
    if (request.source != compute::PaddingSource::kZero) given.convolution.padding.source = request.source;
    for (const reference::AxisRequest& axis : request.axes) {
      given.convolution.strides.push_back(axis.stride);
      given.convolution.dilations.push_back(axis.dilation);
      if (request.mode == compute::PaddingMode::kExplicit) {
        given.convolution.padding.begin.push_back(axis.begin);
        given.convolution.padding.end.push_back(axis.end);
      }
      if (axis.output_padding.has_value()) given.output_padding.push_back(*axis.output_padding);
      if (axis.output_shape.has_value()) given.output_shape.push_back(*axis.output_shape);
    }
    return given;
  }

  // An output's shape without its batch.
  static Output WithoutBatch(const compute::Shape& shape) {
    return std::vector<int64_t>(shape.begin() + 1, shape.end());
  }

  static Output Resolved(const reference::ConvolutionRequest& request, bool transposed, const compute::Shape& input,
                         const compute::Shape& filter) {
    compute::Violations violations;
    const compute::TransposedConvolutionConventions given = Conventions(request);
    if (transposed) {
      const auto geometry =
          compute::ResolveTransposedConvolution(given, compute::Profile::kNone, input, filter, {}, {}, violations);
      return geometry.has_value() ? WithoutBatch(geometry->output_shape()) : std::nullopt;
    }
    const auto geometry =
        compute::ResolveConvolution(given.convolution, compute::Profile::kNone, input, filter, {}, {}, violations);
    return geometry.has_value() ? WithoutBatch(geometry->output_shape) : std::nullopt;
  }

  static Output Analysed(const reference::ConvolutionRequest& request, bool transposed, const compute::Shape& input,
                         const compute::Shape& filter) {
    compute::Violations violations;
    const std::vector<analysis::Dimension> inputs(input.begin(), input.end());
    const std::vector<analysis::Dimension> filters(filter.begin(), filter.end());
    const compute::TransposedConvolutionConventions given = Conventions(request);
    const auto layer = transposed
                           ? analysis::AnalyzeTransposedConvolution(
                                 {.input_shape = inputs, .filter_shape = filters, .conventions = given},
                                 compute::Profile::kNone, compute::DataType::kFloat32, "layer", violations)
                           : analysis::AnalyzeConvolution(
                                 {.input_shape = inputs, .filter_shape = filters, .conventions = given.convolution},
                                 compute::Profile::kNone, compute::DataType::kFloat32, "layer", violations);
    if (!layer.has_value()) return std::nullopt;
    std::vector<int64_t> sizes;
    for (const analysis::Count& size : layer->output_shape) sizes.push_back(size.value().value_or(-1));
    return std::vector<int64_t>(sizes.begin() + 1, sizes.end());
  }

  void Compare(const reference::ConvolutionRequest& request, bool transposed, const Output& expected, const Output& got,
               const char* by) {
    agreement_.Compare(expected, got, by, [&] {
      std::string text = absl::StrCat(transposed ? "transposed" : "convolution", ", groups ", request.groups, ", mode ",
                                      request.mode.has_value() ? compute::Name(*request.mode) : "none", ", source ",
                                      compute::Name(request.source), ", C ", request.channels, ", I ",
                                      request.filter_input, ", O ", request.filter_output);
      for (const reference::AxisRequest& axis : request.axes) {
        absl::StrAppend(&text, "; N ", axis.input, ", K ", axis.window, ", s ", axis.stride, ", d ", axis.dilation,
                        ", pads ", axis.begin, " ", axis.end, ", op ", axis.output_padding.value_or(-99), ", shape ",
                        axis.output_shape.value_or(-99));
      }
      return text;
    });
  }

  Agreement agreement_;
};

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_ANALYSIS_VALIDATOR_REQUESTS_H_
