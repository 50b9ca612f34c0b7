// Unary calls with any bytes, and what came back.
#ifndef TENSORD_TESTS_CONTRACT_RAW_CALL_H_
#define TENSORD_TESTS_CONTRACT_RAW_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tensord::contract {

// One answer, taken apart.
struct Answer {
  grpc::Status status;
  std::string bytes;  // of the response
  std::multimap<std::string, std::string> headers;
  std::multimap<std::string, std::string> trailers;
  std::optional<google::rpc::ErrorInfo> error_info;
  std::optional<google::rpc::BadRequest> bad_request;
  std::optional<google::rpc::RetryInfo> retry_info;

  // "field: description" of every violation, a line each.
  [[nodiscard]] std::string Violations() const;
  // The description of the violation of that very field, or nothing.
  [[nodiscard]] std::optional<std::string> ViolationOf(const std::string& field) const;
};

// Calls "tensord.v1.TensorService/Pool" or its like with these bytes as the message.
[[nodiscard]] Answer CallRaw(grpc::Channel& channel, const std::string& method, const std::string& bytes,
                             std::chrono::milliseconds deadline = std::chrono::seconds(60),
                             const std::map<std::string, std::string>& metadata = {});

// The answer, parsed; a failed call fails the test.
template <typename Response>
Response CallParsed(grpc::Channel& channel, const std::string& method, const google::protobuf::Message& request) {
  const Answer answer = CallRaw(channel, method, request.SerializeAsString());
  EXPECT_TRUE(answer.status.ok()) << method << ": " << answer.status.error_message() << answer.Violations();
  Response response;
  EXPECT_TRUE(response.ParseFromString(answer.bytes));
  return response;
}

// The end of a call: its status and metadata.
[[nodiscard]] Answer TakeApart(const grpc::ClientContext& context, grpc::Status status);
// A google.rpc.Status that an answer of a stream carries.
[[nodiscard]] Answer TakeApart(const google::rpc::Status& error);

// Sends the headers only, and waits for the answer: the message never comes. Without a deadline of its own.
[[nodiscard]] Answer CallWithoutMessage(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                                        const std::map<std::string, std::string>& metadata = {});

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_RAW_CALL_H_
