// A server whose streams do what a test says, and what came back from it.
#ifndef TENSORD_TESTS_CLIENT_CPP_FAKE_STREAM_SERVER_H_
#define TENSORD_TESTS_CLIENT_CPP_FAKE_STREAM_SERVER_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tensord/client/client.h"
#include "tensord/client/compute_stream.h"
#include "tensord/v1/tensor_service.grpc.pb.h"

namespace tensord::client {

using ServerStream = grpc::ServerReaderWriter<v1::StreamComputeResponse, v1::StreamComputeRequest>;

// Every stream, counted from 0, is what the test's script makes of it.
class Fake final : public v1::TensorService::Service {
 public:
  using Script = std::function<grpc::Status(int attempt, ServerStream* stream)>;

  explicit Fake(Script script) : script_(std::move(script)) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~Fake() override { server_->Shutdown(std::chrono::system_clock::now()); }

  grpc::Status StreamCompute(grpc::ServerContext*, ServerStream* stream) override {
    return script_(attempts++, stream);
  }

  [[nodiscard]] std::unique_ptr<Client> Connect() const {
    ClientOptions options;
    options.retry = {.max_attempts = 3,
                     .initial_backoff = std::chrono::milliseconds(10),
                     .max_backoff = std::chrono::milliseconds(20)};
    options.max_message_bytes = 1 << 20;
    auto client = Client::Connect(address_, options);
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  std::atomic<int> attempts = 0;

 private:
  const Script script_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// Keeps what was answered.
class Answers {
 public:
  OnAnswer callback() {
    return [this](v1::StreamComputeResponse response) {
      EXPECT_FALSE(busy_.exchange(true)) << "two callbacks at a time";
      {
        const std::lock_guard lock(mutex_);
        all_.push_back(std::move(response));
      }
      busy_ = false;
    };
  }
  std::vector<v1::StreamComputeResponse> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  std::vector<int64_t> indices() const {
    return Map([](const auto& answer) { return answer.index(); });
  }
  std::vector<int64_t> ids() const {
    return Map([](const auto& answer) { return static_cast<int64_t>(answer.id()); });
  }
  std::vector<int64_t> codes() const {
    return Map([](const auto& answer) { return int64_t{answer.error().code()}; });
  }
  void WaitFor(size_t count) const {
    while (all().size() < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  template <typename Function>
  std::vector<int64_t> Map(Function function) const {
    std::vector<int64_t> values;
    for (const auto& answer : all()) values.push_back(function(answer));
    return values;
  }

  mutable std::mutex mutex_;
  std::atomic<bool> busy_ = false;
  std::vector<v1::StreamComputeResponse> all_;
};

inline v1::StreamComputeRequest Request(int64_t id, int64_t bytes = 0) {
  v1::StreamComputeRequest request;
  request.set_id(static_cast<uint64_t>(id));
  request.mutable_pool()->mutable_input()->set_data(std::string(static_cast<size_t>(bytes), 'x'));
  return request;
}

inline v1::StreamComputeResponse AnswerTo(const v1::StreamComputeRequest& request) {
  v1::StreamComputeResponse response;
  response.set_id(request.id());
  response.mutable_pool();
  return response;
}

inline grpc::Status Echo(ServerStream* stream) {
  v1::StreamComputeRequest request;
  while (stream->Read(&request)) stream->Write(AnswerTo(request));
  return grpc::Status::OK;
}

// Takes everything and answers nothing until the stream is broken off.
inline grpc::Status Swallow(ServerStream* stream) {
  v1::StreamComputeRequest request;
  while (stream->Read(&request)) continue;
  return grpc::Status::OK;
}

inline grpc::Status Unavailable() { return {grpc::StatusCode::UNAVAILABLE, "going away"}; }

}  // namespace tensord::client

#endif  // TENSORD_TESTS_CLIENT_CPP_FAKE_STREAM_SERVER_H_
