#include "server/rpc/caller.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace tensord::server {
namespace {

constexpr size_t kMaxNameBytes = 64;

}  // namespace

std::optional<absl::string_view> FindHeader(const grpc::ServerContextBase& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return std::nullopt;
  return absl::string_view(found->second.data(), found->second.size());
}

std::string PeerAddress(const std::string& grpc_peer) {
  if (absl::StartsWith(grpc_peer, "unix:")) return "unix";
  absl::string_view text = grpc_peer;
  if (!absl::ConsumePrefix(&text, "ipv4:") && !absl::ConsumePrefix(&text, "ipv6:")) return grpc_peer;
  const size_t colon = text.rfind(':');
  const std::string host(text.substr(0, colon));
  return absl::StrReplaceAll(host, {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
}

std::string ClientName(const grpc::ServerContextBase& context, const std::string& peer_address) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth != nullptr && auth->IsPeerAuthenticated()) {
    const std::vector<grpc::string_ref> names = auth->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
    if (!names.empty() && !names.front().empty()) {
      return std::string(names.front().data(), std::min(names.front().size(), kMaxNameBytes));
    }
  }
  return peer_address;
}

}  // namespace tensord::server
