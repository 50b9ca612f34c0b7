// MaxPool, AveragePool, LpPool and their Global kinds: ONNX's formulas, and as requests.
#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/precision.h"
#include "tests/conformance/window.h"
#include "tests/conformance/wire.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Tensor;

// How many taps of a window lie inside the padded axis.
int64_t TapsInPadded(const Axis& axis, int64_t output) {
  int64_t taps = 0;
  for (int64_t k = 0; k < axis.window; ++k) {
    const int64_t at = output * axis.stride + k * axis.dilation - axis.begin;
    if (at >= -axis.begin && at < axis.input + axis.end) ++taps;
  }
  return taps;
}

// By what the average of output `output` of a plane is divided where padding counts.
int64_t TapsInPadded(const Axes& axes, int64_t output) {
  const auto& [d, h, w] = axes;
  return TapsInPadded(d, output / (h.output * w.output)) * TapsInPadded(h, output / w.output % h.output) *
         TapsInPadded(w, output % w.output);
}

// The sums of one plane: of |x|^p (p = 0: of x), of the absolute values of those terms, and how many there are.
struct PlaneSums {
  std::vector<long double> sums;
  std::vector<long double> magnitudes;
  std::vector<long double> terms;
};

PlaneSums SumPlane(const Axes& axes, const long double* plane, long double p) {
  const auto outputs = static_cast<size_t>(OutputPlane(axes));
  PlaneSums sums = {std::vector<long double>(outputs), std::vector<long double>(outputs),
                    std::vector<long double>(outputs)};
  ForEachTap(
      axes,
      [&](int64_t output, int64_t, int64_t at) {
        const auto to = static_cast<size_t>(output);
        const long double magnitude = std::fabs(plane[at]);
        const long double term = p == 0 ? plane[at] : p == 2 ? magnitude * magnitude : std::pow(magnitude, p);
        sums.sums[to] += term;
        sums.magnitudes[to] += std::fabs(term);
        sums.terms[to] += 1;
      },
      [](int64_t) {});
  return sums;
}

absl::StatusOr<Exact> ExactPool(const Tensor& input, const v1::PoolRequest& request, const Axes& axes) {
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input.type));
  const bool norm = request.kind() == v1::POOLING_KIND_LP;
  const bool padding_counts = request.conventions().average_divisor() == v1::AVERAGE_DIVISOR_INCLUDED;
  const long double p = norm ? request.conventions().has_p() ? request.conventions().p() : 2 : 0;
  const auto x = Reals(input);
  const int64_t input_plane = Product(Spatial(input.shape));
  Exact exact;
  exact.shape = {input.shape[0], input.shape[1]};
  for (const int64_t length : OutputLengths(axes, input.shape.size() - 2)) exact.shape.push_back(length);
  for (int64_t plane = 0; plane < input.shape[0] * input.shape[1]; ++plane) {
    const PlaneSums sums = SumPlane(axes, x.data() + plane * input_plane, p);
    for (size_t at = 0; at < sums.sums.size(); ++at) {
      const long double terms = sums.terms[at];
      if (norm) {
        const long double value = std::pow(sums.sums[at], 1 / p);
        const long double c = (2 * terms + 2) / p + 8;
        const Precision summing = SummingPrecision(precision);
        exact.values.push_back(value);
        exact.answer_bounds.push_back(Gamma(summing, c) * value +
                                      (summing.unit == precision.unit ? 0 : RoundingOf(precision, value)));
        exact.reference_bounds.push_back(Gamma(precision, c) * value + precision.least);
        continue;
      }
      const long double divisor =
          padding_counts ? static_cast<long double>(TapsInPadded(axes, static_cast<int64_t>(at))) : terms;
      const long double value = sums.sums[at] / divisor, magnitude = sums.magnitudes[at] / divisor;
      exact.values.push_back(value);
      exact.answer_bounds.push_back(AnswerBoundOfSum(precision, terms - 1, magnitude, value));
      exact.reference_bounds.push_back(ReferenceBoundOfSum(precision, terms - 1, magnitude));
    }
  }
  return exact;
}

v1::PoolingKind KindOf(const std::string& op_type) {
  if (absl::StrContains(op_type, "Average")) return v1::POOLING_KIND_AVERAGE;
  return absl::StrContains(op_type, "Lp") ? v1::POOLING_KIND_LP : v1::POOLING_KIND_MAX;
}

// The fields that belong to one kind.
void SetKind(const Case& tested, v1::PoolRequest& request) {
  const onnx_reader::Attributes& attributes = tested.node.attributes;
  v1::PoolingConventions& conventions = *request.mutable_conventions();
  const std::string& op_type = tested.node.op_type;
  request.set_kind(KindOf(op_type));
  if (op_type == "MaxPool") {
    const bool column_major = attributes.Int("storage_order", 0) == 1;
    request.set_return_indices(tested.expected.size() > 1 && tested.expected[1].has_value());
    if (column_major) conventions.set_index_base(v1::INDEX_BASE_TENSOR_COLUMN_MAJOR);
  } else if (op_type == "AveragePool") {
    conventions.set_average_divisor(attributes.Int("count_include_pad", 0) != 0 ? v1::AVERAGE_DIVISOR_INCLUDED
                                                                                : v1::AVERAGE_DIVISOR_EXCLUDED);
  } else if (request.kind() == v1::POOLING_KIND_LP && attributes.Has("p")) {
    // Version 1 of the operators has a FLOAT, later ones an INT.
    conventions.set_p(tested.node.opset < 2 ? static_cast<double>(attributes.Float("p").value_or(2))
                                            : static_cast<double>(attributes.Int("p", 2)));
  }
}

// Sets the windows, and says where they are.
absl::StatusOr<Axes> SetWindows(const Case& tested, const Tensor& input, v1::PoolingConventions& conventions) {
  const std::vector<int64_t> lengths = Spatial(input.shape);
  const onnx_reader::Attributes& attributes = tested.node.attributes;
  if (absl::StartsWith(tested.node.op_type, "Global")) {
    conventions.set_window_mode(v1::WINDOW_MODE_GLOBAL);
    TENSORD_ASSIGN_OR_RETURN(const WindowAttributes whole,
                             ReadWindowAttributes(onnx_reader::Attributes(), lengths.size()));
    return MakeAxes(whole, lengths, lengths, false);
  }
  const std::vector<int64_t> window = attributes.Ints("kernel_shape");
  if (window.size() != lengths.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel_shape has ", window.size(), " entries, not ", lengths.size()));
  }
  conventions.mutable_window()->Add(window.begin(), window.end());
  TENSORD_ASSIGN_OR_RETURN(const WindowAttributes placed, ReadWindowAttributes(attributes, lengths.size()));
  SetWindow(placed, conventions);
  const bool ceil_mode = attributes.Int("ceil_mode", 0) != 0;
  if (ceil_mode) conventions.set_length_rule(v1::LENGTH_RULE_CEIL);
  return MakeAxes(placed, lengths, window, ceil_mode);
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunPool(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  if (input == nullptr) return absl::InvalidArgumentError("a pooling needs X");
  v1::PoolRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(*input));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_conventions()->mutable_input_layout(), LayoutOf(*input));
  SetKind(tested, request);
  TENSORD_ASSIGN_OR_RETURN(const Axes axes, SetWindows(tested, *input, *request.mutable_conventions()));
  TENSORD_RETURN_IF_ERROR(tested.node.attributes.Check());
  TENSORD_ASSIGN_OR_RETURN(const v1::PoolResponse response, Answered(server.Pool(request)));
  std::vector<Computed> outputs(1);
  TENSORD_ASSIGN_OR_RETURN(outputs[0].answer, FromWire(response.output()));
  if (request.kind() != v1::POOLING_KIND_MAX) {
    TENSORD_ASSIGN_OR_RETURN(outputs[0].exact, ExactPool(*input, request, axes));
  }
  if (request.return_indices()) {
    outputs.emplace_back();
    TENSORD_ASSIGN_OR_RETURN(outputs[1].answer, FromWire(response.indices()));
  }
  return outputs;
}

}  // namespace tensord::conformance
