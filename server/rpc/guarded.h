// Where exceptions end.
#ifndef TENSORD_SERVER_RPC_GUARDED_H_
#define TENSORD_SERVER_RPC_GUARDED_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tensord::server {

// What `body` returns; where it throws, a status instead: kResourceExhausted, reason OUT_OF_MEMORY, for std::bad_alloc,
// kInternal for everything else. `doing` ("decoding the request") goes into its text.
[[nodiscard]] absl::Status Guard(absl::string_view doing, absl::FunctionRef<absl::Status()> body);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_GUARDED_H_
