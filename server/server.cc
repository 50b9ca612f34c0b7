#include "server/server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/address.h"
#include "server/server_core.h"
#include "server/tls.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

constexpr int kSecond = 1000;
constexpr int kMinute = 60 * kSecond;

// Files made while it lives are for owner and group only.
class UmaskGuard {
 public:
  UmaskGuard() : before_(umask(0117)) {}
  ~UmaskGuard() { umask(before_); }
  UmaskGuard(const UmaskGuard&) = delete;
  UmaskGuard& operator=(const UmaskGuard&) = delete;

 private:
  const mode_t before_;
};

// How long connections live and how they are probed. An in-process channel does not reconnect, so that these are not
// for every server.
void ConfigureConnections(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * kMinute);  // gRPC adds up to 10 % either way
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 10 * kMinute);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 5 * kMinute);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5 * kSecond);
  // Our own pings find peers that vanished; theirs are tolerated every ten seconds, two strikes and they are out.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  // Otherwise two daemons on one port would share its calls, and neither would say so.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

// What every listener needs, checked before the first is opened.
struct Plan {
  std::vector<ListenAddress> addresses;
  std::shared_ptr<grpc::ServerCredentials> tcp_credentials;
  bool tls = false;
};

absl::StatusOr<Plan> MakePlan(const Settings& settings) {
  TENSORD_RETURN_IF_ERROR(CheckSettings(settings));
  Plan plan;
  plan.tls = !settings.tls_certificate.empty();
  plan.tcp_credentials = grpc::InsecureServerCredentials();
  if (plan.tls) {
    TENSORD_ASSIGN_OR_RETURN(plan.tcp_credentials, MakeTlsCredentials(settings));
  }
  for (const std::string& text : settings.listen) {
    TENSORD_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(text));
    if (address.is_unix()) {
      const absl::Status prepared = PrepareUnixSocket(address.path);
      if (!prepared.ok()) return absl::Status(prepared.code(), absl::StrCat("listen: ", prepared.message()));
    }
    plan.addresses.push_back(std::move(address));
  }
  return plan;
}

// Why gRPC did not listen: the first address that has no port yet is the one that failed.
absl::Status DescribeFailure(const Plan& plan, const std::vector<int>& ports) {
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i] != 0) continue;
    const ListenAddress& address = plan.addresses[i];
    std::string reason = address.is_unix() ? "" : DescribeTcpBindFailure(address);
    if (reason.empty()) reason = "gRPC could not bind it";
    return absl::FailedPreconditionError(
        absl::StrCat("listen: ", address.ToString(), " cannot be listened on: ", reason));
  }
  return absl::FailedPreconditionError("gRPC could not start the server");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Create(const Settings& settings, Metrics* metrics, Log* log) {
  TENSORD_ASSIGN_OR_RETURN(Plan plan, MakePlan(settings));
  std::vector<int> ports(plan.addresses.size(), 0);
  const auto configure = [&](grpc::ServerBuilder& builder) {
    ConfigureConnections(builder);
    for (size_t i = 0; i < ports.size(); ++i) {
      const ListenAddress& address = plan.addresses[i];
      builder.AddListeningPort(address.ToString(),
                               address.is_unix() ? grpc::InsecureServerCredentials() : plan.tcp_credentials, &ports[i]);
    }
  };
  std::unique_ptr<ServerCore> core;
  {
    const UmaskGuard guard;
    core = ServerCore::Start(settings, metrics, log, configure);
  }
  if (core == nullptr) return DescribeFailure(plan, ports);
  std::vector<Listener> listeners;
  for (size_t i = 0; i < ports.size(); ++i) {
    ListenAddress& address = plan.addresses[i];
    address.port = ports[i];
    listeners.push_back({address.ToString(), plan.tls && !address.is_unix()});
  }
  return std::unique_ptr<Server>(new Server(std::move(core), std::move(listeners), settings));
}

Server::Server(std::unique_ptr<ServerCore> core, std::vector<Listener> listeners, const Settings& settings)
    : core_(std::move(core)), listeners_(std::move(listeners)), drain_timeout_(settings.drain_timeout) {}

Server::~Server() = default;

bool Server::Drain() { return core_->Drain(drain_timeout_); }

}  // namespace tensord::server
