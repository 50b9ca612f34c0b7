#include "tests/load/channels.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tensord::load {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || text.empty()) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const Options& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  const struct {
    const std::string& path;
    std::string* text;
  } files[] = {{options.tls_ca_file, &tls.pem_root_certs},
               {options.tls_certificate_file, &tls.pem_cert_chain},
               {options.tls_key_file, &tls.pem_private_key}};
  for (const auto& file : files) {
    absl::StatusOr<std::string> text = ReadFile(file.path);
    if (!text.ok()) return text.status();
    *file.text = *std::move(text);
  }
  return grpc::SslCredentials(tls);
}

}  // namespace

absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(const Options& options) {
  const absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = Credentials(options);
  if (!credentials.ok()) return credentials.status();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < options.connections; ++i) {
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
    if (!options.tls_server_name.empty()) arguments.SetSslTargetNameOverride(options.tls_server_name);
    channels.push_back(grpc::CreateCustomChannel(options.target, *credentials, arguments));
  }
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(10);
  for (const auto& channel : channels) {
    if (!channel->WaitForConnected(deadline)) {
      return absl::UnavailableError(absl::StrCat("cannot connect to ", options.target, " within ten seconds"));
    }
  }
  return channels;
}

absl::StatusOr<std::string> Authorization(const std::string& token_file) {
  absl::StatusOr<std::string> token = ReadFile(token_file);
  if (!token.ok() || token->empty()) return token;
  return absl::StrCat("Bearer ", absl::StripAsciiWhitespace(*token));
}

}  // namespace tensord::load
