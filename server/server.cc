#include "server/server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/acceptor.h"
#include "server/address.h"
#include "server/listening_socket.h"
#include "server/rpc/token_table.h"
#include "server/server_core.h"
#include "server/start_check.h"
#include "server/tls.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

constexpr int kSecond = 1000;

// How long connections live and how they are probed. An in-process channel does not reconnect, so that these are not
// for every server.
void ConfigureConnections(const Settings& settings, grpc::ServerBuilder& builder) {
  const auto milliseconds = [](std::chrono::milliseconds duration) {
    return static_cast<int>(std::min<int64_t>(duration.count(), std::numeric_limits<int>::max()));
  };
  // gRPC adds up to 10 % either way to the age.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, milliseconds(settings.connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, milliseconds(settings.connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(settings.connection_idle));
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

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Create(const Settings& settings, Metrics* metrics, Log* log) {
  // The metrics' own address is in use by now, where there is one.
  Settings own = settings;
  own.metrics_listen = "off";
  TENSORD_RETURN_IF_ERROR(CheckStart(own));
  std::unique_ptr<Server> server(new Server(settings, metrics));
  TENSORD_RETURN_IF_ERROR(server->Start(metrics, log));
  return server;
}

Server::Server(const Settings& settings, Metrics* metrics) : settings_(settings), metrics_(metrics) {}

Server::~Server() { StopListening(); }

void Server::StopListening() {
  acceptor_.reset();
  for (const std::string& path : std::exchange(socket_files_, {})) unlink(path.c_str());
}

absl::Status Server::Start(Metrics* metrics, Log* log) {
  if (!settings_.tls_certificate.empty()) {
    TENSORD_ASSIGN_OR_RETURN(TlsFiles files, LoadTlsFiles(settings_));
    tls_ = std::make_unique<ReloadableTls>(std::move(files));
    ReportExpiry();
  }
  if (!settings_.auth_tokens.empty()) {
    tokens_ = std::make_unique<TokenStore>();
    TENSORD_RETURN_IF_ERROR(ReloadTokens().status());
  }
  std::vector<std::vector<FileDescriptor>> sockets;
  for (const std::string& text : settings_.listen) {
    TENSORD_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(text));
    absl::StatusOr<std::vector<FileDescriptor>> listening = Listen(address);
    if (!listening.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("listen: ", text, " cannot be listened on: ", listening.status().message()));
    }
    if (address.is_unix()) socket_files_.push_back(address.path);
    listeners_.push_back({address.ToString(), tls_ != nullptr && !address.is_unix()});
    sockets.push_back(*std::move(listening));
  }
  const auto configure = [&](grpc::ServerBuilder& builder) {
    ConfigureConnections(settings_, builder);
    for (const Listener& listener : listeners_) {
      connectors_.push_back(builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
          listener.tls ? tls_->MakeCredentials() : grpc::InsecureServerCredentials()));
    }
  };
  core_ = ServerCore::Start({&settings_, metrics, log, tokens_.get(), /*workers_first=*/true}, configure);
  if (core_ == nullptr) return absl::FailedPreconditionError("gRPC could not start the server");
  std::vector<AcceptorSocket> accepting;
  for (size_t i = 0; i < sockets.size(); ++i) {
    for (FileDescriptor& socket : sockets[i]) {
      accepting.push_back({std::move(socket), [connector = connectors_[i].get()](int fd) {
                             grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
                             parameters.fd = fd;
                             connector->HandleNewConnection(&parameters);
                           }});
    }
  }
  acceptor_ = std::make_unique<Acceptor>(std::move(accepting), RaiseFileLimit(), metrics);
  return absl::OkStatus();
}

absl::StatusOr<bool> Server::ReloadTls() {
  if (tls_ == nullptr) return false;
  TENSORD_ASSIGN_OR_RETURN(TlsFiles files, LoadTlsFiles(settings_));
  if (tls_->files()->SameBytes(files)) return false;
  tls_->Replace(std::move(files));
  ReportExpiry();
  return true;
}

void Server::ReportExpiry() {
  const std::chrono::duration<double> expiry = tls_->files()->expiry.time_since_epoch();
  metrics_->Set(Gauge::kCertificateExpiry, expiry.count());
}

absl::StatusOr<bool> Server::ReloadTokens() {
  if (tokens_ == nullptr) return false;
  TENSORD_ASSIGN_OR_RETURN(TokenTable table, LoadTokens(settings_));
  return tokens_->Replace(std::move(table));
}

void Server::SetClientLimits(const ClientLimits& limits) { core_->SetClientLimits(limits); }

void Server::AnnounceDrain() { core_->AnnounceDrain(); }

bool Server::Drain() {
  using Clock = std::chrono::steady_clock;
  StopListening();
  const Clock::time_point deadline = Clock::now() + settings_.drain_timeout;
  const bool finished = core_->Drain(settings_.drain_timeout);
  closes_.WaitForNone(std::max<Clock::time_point>(deadline, Clock::now() + LingeringClose::kPatience));
  return finished;
}

}  // namespace tensord::server
