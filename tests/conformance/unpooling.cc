// MaxUnpool: ONNX's formula, and as a request.
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

// y[I[k]] = X[k] with I counting the whole output, and 0 elsewhere: nothing is rounded, so that both bounds are 0.
absl::StatusOr<Exact> ExactUnpool(const Tensor& input, const Tensor& indices, const std::vector<int64_t>& shape) {
  Exact exact;
  exact.shape = shape;
  exact.values.assign(static_cast<size_t>(Product(shape)), 0);
  exact.answer_bounds = exact.reference_bounds = exact.values;
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> places, onnx_reader::Integers(indices));
  const auto x = Reals(input);
  if (places.size() != x.size()) return absl::InvalidArgumentError("I has not X's shape");
  for (size_t at = 0; at < x.size(); ++at) {
    if (places[at] < 0 || places[at] >= Product(shape)) {
      return absl::InvalidArgumentError(absl::StrCat("I has ", places[at], ", which is outside the output"));
    }
    exact.values[static_cast<size_t>(places[at])] = x[at];
  }
  return exact;
}

// The output's lengths where none are given.
std::vector<int64_t> DefaultShape(const Tensor& input, const std::vector<int64_t>& window,
                                  const WindowAttributes& placed) {
  std::vector<int64_t> shape = {input.shape[0], input.shape[1]};
  for (size_t at = 0; at < window.size(); ++at) {
    shape.push_back((input.shape[at + 2] - 1) * placed.strides[at] + window[at] - placed.begin[at] - placed.end[at]);
  }
  return shape;
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunMaxUnpool(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  const Tensor* indices = tested.Input(1);
  const Tensor* given_shape = tested.Input(2);
  if (input == nullptr || indices == nullptr) return absl::InvalidArgumentError("MaxUnpool needs X and I");
  const onnx_reader::Attributes& attributes = tested.node.attributes;
  v1::UnpoolRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(*input));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_indices(), ToWire(*indices));
  v1::PoolingConventions& conventions = *request.mutable_conventions();
  TENSORD_ASSIGN_OR_RETURN(*conventions.mutable_input_layout(), LayoutOf(*input));
  const std::vector<int64_t> window = attributes.Ints("kernel_shape");
  if (window.size() + 2 != input->shape.size()) {
    return absl::InvalidArgumentError("kernel_shape has not one entry per spatial axis");
  }
  conventions.mutable_window()->Add(window.begin(), window.end());
  TENSORD_ASSIGN_OR_RETURN(const WindowAttributes placed, ReadWindowAttributes(attributes, window.size()));
  SetWindow(placed, conventions);
  TENSORD_RETURN_IF_ERROR(attributes.Check());
  std::vector<int64_t> shape = DefaultShape(*input, window, placed);
  if (given_shape != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(shape, onnx_reader::Integers(*given_shape));
    request.mutable_output_shape()->Add(shape.begin(), shape.end());
  }
  TENSORD_ASSIGN_OR_RETURN(const v1::UnpoolResponse response, Answered(server.Unpool(request)));
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, FromWire(response.output()));
  TENSORD_ASSIGN_OR_RETURN(computed.exact, ExactUnpool(*input, *indices, shape));
  return std::vector<Computed>{computed};
}

}  // namespace tensord::conformance
