#include "server/transport_errors.h"

#include <dlfcn.h>

#include <utility>

#include "absl/strings/cord.h"
#include "absl/types/optional.h"

// gRPC's; not in a header that is installed.
namespace grpc_core {
void StatusAddChild(absl::Status* status, absl::Status child);
}  // namespace grpc_core

namespace {

// Where gRPC keeps the causes of a status.
constexpr char kCausesPayload[] = "type.googleapis.com/grpc.status.children";
// The function's name as the linker knows it, with the inline namespace of Debian's Abseil in it.
constexpr char kLinkedName[] = "_Z20grpc_error_add_childN4absl7debian36StatusES1_";

}  // namespace

absl::Status grpc_error_add_child(absl::Status error, absl::Status cause) {
  if (error.ok()) return cause;
  if (cause.ok()) return error;
  const absl::optional<absl::Cord> causes = error.GetPayload(kCausesPayload);
  if (!causes.has_value() || causes->size() <= tensord::server::kMostCausesBytes) {
    grpc_core::StatusAddChild(&error, std::move(cause));
  }
  return error;
}

namespace tensord::server {

bool TransportErrorsAreBounded() {
  return dlsym(RTLD_DEFAULT, kLinkedName) == reinterpret_cast<void*>(&grpc_error_add_child);
}

}  // namespace tensord::server
