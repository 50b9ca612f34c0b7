#include "server/local_server.h"

#include <grpcpp/support/channel_arguments.h>

#include <utility>

#include "server/config_resolve.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"
#include "server/server_core.h"
#include "tensord/compute/instruction_set.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {

struct LocalServer::State {
  NoopMetrics metrics;
  NullLog log;
  std::unique_ptr<ServerCore> core;
  std::shared_ptr<grpc::Channel> channel;
};

absl::StatusOr<Settings> LocalSettings() {
  Settings settings = DefaultSettings();
  TENSORD_ASSIGN_OR_RETURN(settings.instruction_set, InstructionSetOf(TensordEnvironment()));
  return settings;
}

absl::StatusOr<std::unique_ptr<LocalServer>> LocalServer::Start(const Settings& settings) {
  TENSORD_RETURN_IF_ERROR(CheckSettings(settings));
  compute::UseInstructionSet(settings.instruction_set);
  auto state = std::make_unique<State>();
  state->core = ServerCore::Start({&settings, &state->metrics, &state->log, nullptr}, [](grpc::ServerBuilder&) {});
  if (state->core == nullptr) return absl::InternalError("gRPC could not start a server without listeners");
  grpc::ChannelArguments arguments;
  // The server looks after the sizes: its refusals say more than gRPC's.
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  state->channel = state->core->grpc_server().InProcessChannel(arguments);
  return std::unique_ptr<LocalServer>(new LocalServer(std::move(state)));
}

LocalServer::LocalServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

LocalServer::~LocalServer() = default;

std::shared_ptr<grpc::Channel> LocalServer::channel() const { return state_->channel; }

}  // namespace tensord::server
