// The least that a gRPC service can do: takes any unary call's bytes and answers with as many as its metadata ask for.
// What tensord's calls are measured against.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "bench/command_line.h"
#include "bench/rpc/call.h"

namespace tensord::bench {
namespace {

class NullReactor final : public grpc::ServerGenericBidiReactor {
 public:
  NullReactor(int64_t reply_bytes, const std::string& zeros) {
    // The answer refers to bytes that are there already: nothing is copied.
    const grpc::Slice slice(zeros.data(), static_cast<size_t>(reply_bytes), grpc::Slice::STATIC_SLICE);
    response_ = grpc::ByteBuffer(&slice, 1);
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartWriteAndFinish(&response_, {}, grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class NullService final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    const auto asked = context->client_metadata().find(kReplyBytes);
    int64_t bytes = 0;
    if (asked != context->client_metadata().end()) {
      (void)absl::SimpleAtoi(absl::string_view(asked->second.data(), asked->second.size()), &bytes);
    }
    return new NullReactor(std::clamp<int64_t>(bytes, 0, static_cast<int64_t>(zeros_.size())), zeros_);
  }

 private:
  const std::string zeros_ = std::string(size_t{64} << 20, '\0');
};

int Serve(const std::vector<std::string>& addresses) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  NullService service;
  grpc::ServerBuilder builder;
  for (const std::string& address : addresses) {
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  }
  builder.RegisterCallbackGenericService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::cerr << "null_service: cannot listen\n";
    return 1;
  }
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace tensord::bench

int main(int argc, char** argv) {
  CLI::App app("A gRPC service that does nothing: the peer of scripts/bench rpc.");
  std::vector<std::string> addresses;
  app.add_option("--listen", addresses, "host:port or unix:/path (repeatable)")->required();
  if (const std::optional<int> code = tensord::bench::ParseCommandLine(app, argc, argv)) return *code;
  return tensord::bench::Serve(addresses);
}
