// Sends an activation.
#ifndef TENSORD_TESTS_CONFORMANCE_ACTIVATION_H_
#define TENSORD_TESTS_CONFORMANCE_ACTIVATION_H_

#include "absl/status/statusor.h"
#include "tensord/client/client.h"
#include "tensord/v1/activation.pb.h"
#include "tests/conformance/onnx/tensor.h"

namespace tensord::conformance {

// f(input) under the profile ONNX. Errors: the server's, and ToWire's.
[[nodiscard]] absl::StatusOr<onnx_reader::Tensor> Activate(const onnx_reader::Tensor& input,
                                                           const v1::Activation& activation,
                                                           client::ClientInterface& server);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_ACTIVATION_H_
