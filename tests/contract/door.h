// The ways into a server: the contract suite goes through each of them.
#ifndef TENSORD_TESTS_CONTRACT_DOOR_H_
#define TENSORD_TESTS_CONTRACT_DOOR_H_

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>
#include <vector>

#include "server/config.h"

namespace tensord::contract {

// A server and a channel to it.
class Door {
 public:
  virtual ~Door() = default;
  [[nodiscard]] virtual std::shared_ptr<grpc::Channel> channel() = 0;
  // Begins to shut the server down and returns when it has; false where the server is not ours to stop.
  virtual bool Drain() { return false; }
};

// "InProcess", "Tcp", "UnixSocket", and "Address" where the environment variable TENSORD_ADDRESS names a server.
[[nodiscard]] std::vector<std::string> DoorNames();
// Without "Address": for tests that need their own settings.
[[nodiscard]] std::vector<std::string> OwnDoorNames();

// Small limits, so that tests can reach them: messages of 4 MiB, tensors of 2 MiB, 2^32 multiplications, 2 threads,
// a queue of 4, 64 MiB of memory.
[[nodiscard]] server::Settings TestSettings();

// Opens a door to a server with these settings. Aborts the test program where it cannot.
[[nodiscard]] std::unique_ptr<Door> OpenDoor(const std::string& name, const server::Settings& settings);
// The same over TCP, for a client with these credentials.
[[nodiscard]] std::unique_ptr<Door> OpenTcpDoor(const server::Settings& settings,
                                                const std::shared_ptr<grpc::ChannelCredentials>& credentials);

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_DOOR_H_
