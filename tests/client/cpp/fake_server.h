// A server whose every answer a test chooses, for all methods of all services.
#ifndef TENSORD_TESTS_CLIENT_CPP_FAKE_SERVER_H_
#define TENSORD_TESTS_CLIENT_CPP_FAKE_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tensord::client::testing {

struct FakeAnswer {
  grpc::Status status;
  std::string response;  // serialised; sent where the status is OK
};

// Answers calls until it is destroyed.
class FakeServer {
 public:
  // Takes the number of the call, from 0, and its request's bytes. Nothing: the call hangs until it is cancelled.
  using Handler = std::function<std::optional<FakeAnswer>(int call, const std::string& request)>;

  // Listens at `listen`; a port 0 is replaced by a free one.
  explicit FakeServer(Handler handler, const std::string& listen = "127.0.0.1:0",
                      const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials());
  ~FakeServer();

  // Empty where the server could not listen.
  [[nodiscard]] const std::string& address() const { return address_; }
  // The methods called so far, e.g. "/tensord.v1.TensorService/Convolve".
  [[nodiscard]] std::vector<std::string> calls() const;
  // Returns when that many calls have arrived.
  void WaitForCalls(size_t count) const;
  // A channel within the process.
  [[nodiscard]] std::shared_ptr<grpc::Channel> InProcessChannel() const;
  // What grpc.health.v1 answers about `service`.
  void SetHealth(const std::string& service, bool serving);

 private:
  class Service;
  class Reactor;

  // Notes the call; the handler's answer.
  std::optional<FakeAnswer> Answer(const std::string& method, const std::string& request);

  const Handler handler_;
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::vector<std::string> calls_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace tensord::client::testing

#endif  // TENSORD_TESTS_CLIENT_CPP_FAKE_SERVER_H_
