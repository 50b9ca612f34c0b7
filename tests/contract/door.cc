#include "tests/contract/door.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "server/local_server.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"
#include "server/server.h"
#include "tests/support/temporary_directory.h"

namespace tensord::contract {
namespace {

constexpr int kClientMessageBytes = 512 << 20;

std::shared_ptr<grpc::Channel> Connect(
    const std::string& address,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials()) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kClientMessageBytes);
  arguments.SetMaxSendMessageSize(kClientMessageBytes);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

class LocalDoor final : public Door {
 public:
  explicit LocalDoor(const server::Settings& settings) {
    auto started = server::LocalServer::Start(settings);
    if (!started.ok()) {
      std::cerr << started.status() << "\n";
      std::abort();
    }
    server_ = *std::move(started);
  }
  std::shared_ptr<grpc::Channel> channel() override { return server_->channel(); }

 private:
  std::unique_ptr<server::LocalServer> server_;
};

// A server of the daemon's kind, on a socket.
class SocketDoor final : public Door {
 public:
  SocketDoor(server::Settings settings, bool unix_socket,
             const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials()) {
    settings.listen = {unix_socket ? "unix:" + directory_.path("socket") : "127.0.0.1:0"};
    auto created = server::Server::Create(settings, &metrics_, &log_);
    if (!created.ok()) {
      std::cerr << created.status() << "\n";
      std::abort();
    }
    server_ = *std::move(created);
    channel_ = Connect(server_->listeners()[0].address, credentials);
  }
  ~SocketDoor() override {
    channel_.reset();
    server_.reset();
  }
  std::shared_ptr<grpc::Channel> channel() override { return channel_; }
  bool Drain() override { return server_->Drain(); }

 private:
  const testing::TemporaryDirectory directory_;
  server::NoopMetrics metrics_;
  server::NullLog log_;
  std::unique_ptr<server::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

class AddressDoor final : public Door {
 public:
  explicit AddressDoor(const std::string& address) : channel_(Connect(address)) {}
  std::shared_ptr<grpc::Channel> channel() override { return channel_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace

std::vector<std::string> OwnDoorNames() { return {"InProcess", "Tcp", "UnixSocket"}; }

std::vector<std::string> DoorNames() {
  std::vector<std::string> names = OwnDoorNames();
  if (std::getenv("TENSORD_ADDRESS") != nullptr) names.emplace_back("Address");
  return names;
}

server::Settings TestSettings() {
  server::Settings settings;
  settings.metrics_listen = "off";
  settings.threads = 2;
  settings.queue = 4;
  settings.max_message_bytes = 4 << 20;
  settings.max_tensor_bytes = 2 << 20;
  settings.max_multiplications = int64_t{1} << 32;
  settings.memory_budget_bytes = 64 << 20;
  return settings;
}

std::unique_ptr<Door> OpenDoor(const std::string& name, const server::Settings& settings) {
  if (name == "InProcess") return std::make_unique<LocalDoor>(settings);
  if (name == "Tcp") return std::make_unique<SocketDoor>(settings, false);
  if (name == "UnixSocket") return std::make_unique<SocketDoor>(settings, true);
  return std::make_unique<AddressDoor>(std::getenv("TENSORD_ADDRESS"));
}

std::unique_ptr<Door> OpenTcpDoor(const server::Settings& settings,
                                  const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  return std::make_unique<SocketDoor>(settings, false, credentials);
}

}  // namespace tensord::contract
