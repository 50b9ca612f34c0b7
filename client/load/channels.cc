#include "client/load/channels.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/src/credentials.h"
#include "client/cpp/src/target.h"

namespace tensord::load {

absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(const std::string& address,
                                                                    const client::ClientOptions& options, int count) {
  const absl::StatusOr<std::string> target = client::TargetOf(address);
  if (!target.ok()) return target.status();
  const absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = client::MakeCredentials(options.tls);
  if (!credentials.ok()) return credentials.status();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < count; ++i) {
    grpc::ChannelArguments arguments;
    // Channels to one target share a connection unless something tells them apart.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt("tensord.load.connection", i);
    // What is measured is the first answer.
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    // Whatever a call can do without, but its deadline: the generator has to be cheaper than the daemon.
    arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
    arguments.SetMaxReceiveMessageSize(-1);
    // Over all addresses of a name, as the client does.
    arguments.SetLoadBalancingPolicyName(options.load_balancing);
    if (options.tls.has_value() && !options.tls->server_name.empty()) {
      arguments.SetSslTargetNameOverride(options.tls->server_name);
    }
    channels.push_back(grpc::CreateCustomChannel(*target, *credentials, arguments));
  }
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(10);
  for (const auto& channel : channels) {
    if (!channel->WaitForConnected(deadline)) {
      return absl::UnavailableError(absl::StrCat("cannot connect to ", address, " within ten seconds"));
    }
  }
  return channels;
}

absl::StatusOr<std::string> Authorization(const std::string& token_file) {
  absl::StatusOr<std::string> token = client::ReadToken(token_file);
  if (!token.ok() || token->empty()) return token;
  return absl::StrCat("Bearer ", *token);
}

}  // namespace tensord::load
