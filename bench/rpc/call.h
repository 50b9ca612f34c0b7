// Unary calls of plain bytes, the same to every service that is compared.
#ifndef TENSORD_BENCH_RPC_CALL_H_
#define TENSORD_BENCH_RPC_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/v1/convolution.pb.h"

namespace tensord::bench {

// The metadata that tells null_service how many bytes to answer.
inline constexpr char kReplyBytes[] = "x-reply-bytes";

// A channel of its own connection, without bounds for messages.
[[nodiscard]] std::shared_ptr<grpc::Channel> Connect(const std::string& address);

// One request, encoded before.
class Call {
 public:
  explicit Call(const v1::ConvolveRequest& request);

  // Asks once. The next answers have to be as long as this one, and null_service is told to make them so. The call's
  // error.
  absl::StatusOr<v1::ConvolveResponse> LearnReply(const std::shared_ptr<grpc::Channel>& channel);

  // Sends it and waits for the answer; the seconds that took.
  [[nodiscard]] absl::StatusOr<double> Run(const std::shared_ptr<grpc::Channel>& channel) const;

  [[nodiscard]] int64_t request_bytes() const { return static_cast<int64_t>(request_.Length()); }
  [[nodiscard]] int64_t reply_bytes() const { return reply_bytes_; }

 private:
  grpc::ByteBuffer request_;
  int64_t reply_bytes_ = 0;
};

// A convolution of small integers: NHWC input, HWIO filter.
[[nodiscard]] v1::ConvolveRequest RequestOf(const std::vector<int64_t>& input, const std::vector<int64_t>& filter);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_RPC_CALL_H_
