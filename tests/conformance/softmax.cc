// Softmax and LogSoftmax: ONNX's formulas, and as requests.
#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/activation.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/precision.h"
#include "tests/conformance/window.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Tensor;
using Real = long double;

// One group of elements: those that differ in the axis alone.
struct Group {
  std::vector<size_t> elements;
  Real largest = 0;
  Real sum = 0;   // of exp(x - largest)
  Real mean = 0;  // of |x - largest|, weighted with exp(x - largest)
};

Group Gather(const std::vector<Real>& x, size_t first, size_t count, size_t step) {
  Group group;
  for (size_t at = 0; at < count; ++at) group.elements.push_back(first + at * step);
  group.largest = x[first];
  for (const size_t at : group.elements) group.largest = std::max(group.largest, x[at]);
  for (const size_t at : group.elements) {
    const Real below = group.largest - x[at];
    group.sum += std::exp(-below);
    group.mean += below * std::exp(-below);
  }
  group.mean /= group.sum;
  return group;
}

// The reference rounds x - m, exp, the sum (once per element), and the quotient or the logarithm.
void Append(const std::vector<Real>& x, const Group& group, bool logarithm, const Precision& precision, Exact& exact) {
  const auto count = static_cast<Real>(group.elements.size());
  for (const size_t at : group.elements) {
    const Real below = group.largest - x[at];
    const Real steps = 8 * (1 + below + group.mean) + count;
    const Real value = logarithm ? -below - std::log(group.sum) : std::exp(-below) / group.sum;
    exact.values[at] = value;
    exact.answer_bounds[at] = AnswerBoundOfFunction(precision, value, 4);
    exact.reference_bounds[at] =
        precision.unit * steps * (logarithm ? 1 + std::log(group.sum) : value) + precision.least;
  }
}

absl::StatusOr<Exact> ExactSoftmax(const Tensor& input, size_t axis, bool logarithm) {
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input.type));
  const auto x = Reals(input);
  Exact exact;
  exact.shape = input.shape;
  exact.values.resize(x.size());
  exact.answer_bounds = exact.reference_bounds = exact.values;
  const auto count = static_cast<size_t>(input.shape[axis]);
  size_t step = 1;
  for (size_t at = axis + 1; at < input.shape.size(); ++at) step *= static_cast<size_t>(input.shape[at]);
  for (size_t outer = 0; outer < x.size(); outer += count * step) {
    for (size_t inner = 0; inner < step; ++inner) {
      Append(x, Gather(x, outer + inner, count, step), logarithm, precision, exact);
    }
  }
  return exact;
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunSoftmax(const Case& tested, client::ClientInterface& server) {
  if (tested.Input(0) == nullptr) return absl::InvalidArgumentError("Softmax needs its input");
  Tensor input = *tested.Input(0);
  const std::vector<int64_t> shape = input.shape;
  const auto rank = static_cast<int64_t>(shape.size());
  // Before version 13 the axes from `axis` on are one, those before it another, and the default is 1.
  const bool flattens = tested.node.opset < 13;
  int64_t axis = tested.node.attributes.Int("axis", flattens ? 1 : -1);
  TENSORD_RETURN_IF_ERROR(tested.node.attributes.Check());
  if (axis < -rank || axis >= rank) return absl::InvalidArgumentError(absl::StrCat("axis is ", axis));
  v1::Activation activation;
  const bool logarithm = tested.node.op_type == "LogSoftmax";
  activation.set_kind(logarithm ? v1::ACTIVATION_KIND_LOG_SOFTMAX : v1::ACTIVATION_KIND_SOFTMAX);
  // Left out where the node leaves it out, so that the profile's default counts.
  if (tested.node.attributes.Has("axis") || flattens) activation.set_axis_index(flattens ? 1 : axis);
  if (axis < 0) axis += rank;
  if (flattens) {
    const std::vector<int64_t> before(shape.begin(), shape.begin() + axis);
    input.shape = {Product(before), Product(shape) / std::max<int64_t>(Product(before), 1)};
    axis = 1;
  }
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, Activate(input, activation, server));
  TENSORD_ASSIGN_OR_RETURN(computed.exact, ExactSoftmax(input, static_cast<size_t>(axis), logarithm));
  computed.answer.shape = computed.exact->shape = shape;
  return std::vector<Computed>{computed};
}

}  // namespace tensord::conformance
