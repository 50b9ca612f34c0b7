#include "client/cpp/src/channel.h"

#include <grpc/compression.h>
#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <limits>

#include "absl/strings/str_cat.h"
#include "client/cpp/src/credentials.h"
#include "client/cpp/src/service_config.h"
#include "client/cpp/src/target.h"

namespace tensord::client {
namespace {

absl::Status CheckOptions(const ClientOptions& options) {
  if (absl::Status status = CheckServiceConfigOptions(options); !status.ok()) return status;
  constexpr int64_t kMostBytes = std::numeric_limits<int>::max();
  if (options.max_message_bytes < 1 || options.max_message_bytes > kMostBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_message_bytes: was ", options.max_message_bytes, ", has to be 1..", kMostBytes));
  }
  if (options.deadline < std::chrono::milliseconds(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("deadline: was ", options.deadline.count(), " ms, has to be at least 1 ms"));
  }
  return absl::OkStatus();
}

grpc::ChannelArguments MakeArguments(const ClientOptions& options) {
  const int max_message_bytes = static_cast<int>(options.max_message_bytes);
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfigText(options));
  arguments.SetMaxReceiveMessageSize(max_message_bytes);
  arguments.SetMaxSendMessageSize(max_message_bytes);
  // By default gRPC does not retry a call once 256 KiB of it are sent, so no call with a tensor worth the name.
  arguments.SetInt(GRPC_ARG_PER_RPC_RETRY_BUFFER_SIZE, max_message_bytes);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  if (options.tls.has_value() && !options.tls->server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  }
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& address, const ClientOptions& options) {
  const absl::StatusOr<std::string> target = TargetOf(address);
  if (!target.ok()) return target.status();
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  const absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = MakeCredentials(options.tls);
  if (!credentials.ok()) return credentials.status();
  return grpc::CreateCustomChannel(*target, *credentials, MakeArguments(options));
}

}  // namespace tensord::client
