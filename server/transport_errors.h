// What gRPC's transport remembers of a connection's errors, bounded.
#ifndef TENSORD_SERVER_TRANSPORT_ERRORS_H_
#define TENSORD_SERVER_TRANSPORT_ERRORS_H_

#include <cstddef>

#include "absl/status/status.h"

// gRPC 1.51 has an error for each ping beyond the allowed strikes, and adds each to the one that the connection will be
// closed with: 10000 pings in one write, 170 KB, took 69 MiB. This definition stands in for the library's own, which
// has no bound; that works because libgrpc is a shared library that finds its own functions by name, and because this
// one is linked into the program, which is what TransportErrorsAreBounded is called for.
//
// Adds `cause` to the causes of `error` while these take no more than kMostCausesBytes, else forgets it. OK is no
// cause; where `error` is OK the cause is the error.
absl::Status grpc_error_add_child(absl::Status error, absl::Status cause);

namespace tensord::server {

inline constexpr size_t kMostCausesBytes = size_t{16} << 10;

// Whether gRPC calls the function above.
[[nodiscard]] bool TransportErrorsAreBounded();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_TRANSPORT_ERRORS_H_
