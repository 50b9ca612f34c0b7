#include "client/cli/context.h"

#include <unistd.h>

#include <optional>

#include "client/cli/status_macros.h"
#include "server/local_server.h"
#include "tensord/client/client.h"

namespace tensord::cli {

// Members are destroyed from the last to the first: the client goes before the server that it talks to.
struct Context::Connection {
  std::unique_ptr<server::LocalServer> local_server;
  std::unique_ptr<client::Client> client;
  std::optional<Caller> caller;
};

Context::Context(const GlobalFlags& flags, const Streams& streams)
    : flags_(flags),
      streams_(streams),
      printer_(flags.json() ? MakeJsonPrinter(streams.out)
                            : MakeTextPrinter(streams.out, flags.color(STDOUT_FILENO), !flags.quiet())) {}

Context::Context(Context& other, std::ostream& out)
    : flags_(other.flags_),
      streams_{other.streams_.in, out, other.streams_.err},
      printer_(MakeJsonPrinter(out)),
      connection_(other.connection_) {}

Context::~Context() = default;

absl::StatusOr<Caller*> Context::caller() {
  if (connection_ == nullptr) TENSORCTL_RETURN_IF_ERROR(Connect());
  return &*connection_->caller;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Context::local_channel() {
  if (connection_ == nullptr) TENSORCTL_RETURN_IF_ERROR(Connect());
  return connection_->local_server == nullptr ? nullptr : connection_->local_server->channel();
}

bool Context::shows_progress() const { return !flags_.quiet() && isatty(STDERR_FILENO) == 1; }

absl::Status Context::Connect() {
  auto connection = std::make_shared<Connection>();
  if (flags_.server().empty()) {
    TENSORCTL_ASSIGN_OR_RETURN(const server::Settings settings, server::LocalSettings());
    TENSORCTL_ASSIGN_OR_RETURN(connection->local_server, server::LocalServer::Start(settings));
    connection->client = std::make_unique<client::Client>(connection->local_server->channel());
  } else {
    TENSORCTL_ASSIGN_OR_RETURN(connection->client, client::Client::Connect(flags_.server(), flags_.client_options()));
  }
  connection->caller.emplace(*connection->client, flags_.call_options(),
                             Progress(shows_progress() ? &streams_.err : nullptr));
  connection_ = std::move(connection);
  return absl::OkStatus();
}

}  // namespace tensord::cli
