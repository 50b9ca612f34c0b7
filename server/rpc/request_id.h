// The name of one call, for logs on both sides.
#ifndef TENSORD_SERVER_RPC_REQUEST_ID_H_
#define TENSORD_SERVER_RPC_REQUEST_ID_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tensord::server {

// The header that carries it, both ways.
inline constexpr char kRequestIdHeader[] = "x-request-id";

// `x_request_id`, where it is 1 to 128 of A-Z a-z 0-9 . _ : / + = @ -; else the trace id of `traceparent` (W3C Trace
// Context: 00-<32 hexadecimal digits, not all 0>-<16>-<2>); else a new one, 32 hexadecimal digits.
[[nodiscard]] std::string ChooseRequestId(std::optional<absl::string_view> x_request_id,
                                          std::optional<absl::string_view> traceparent);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_REQUEST_ID_H_
