// A call of StreamCompute with any bytes.
#ifndef TENSORD_TESTS_CONTRACT_STREAM_CALL_H_
#define TENSORD_TESTS_CONTRACT_STREAM_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tensord/v1/stream.pb.h"
#include "tests/contract/raw_call.h"

namespace tensord::contract {

inline constexpr char kStreamCompute[] = "tensord.v1.TensorService/StreamCompute";

// One stream. Threads: one may send while another reads.
class StreamCall {
 public:
  explicit StreamCall(const std::shared_ptr<grpc::Channel>& channel,
                      const std::map<std::string, std::string>& metadata = {},
                      std::optional<std::chrono::milliseconds> deadline = std::nullopt);

  // False where the stream has ended.
  bool Send(const v1::StreamComputeRequest& request) { return SendBytes(request.SerializeAsString()); }
  bool SendBytes(const std::string& bytes);
  // No more.
  void Close();
  // The next answer; nothing at the end.
  [[nodiscard]] std::optional<v1::StreamComputeResponse> Read();
  // After the last Read.
  [[nodiscard]] Answer Finish();
  [[nodiscard]] grpc::ClientContext& context() { return context_; }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
};

// The StreamComputeRequest that has `bytes`, whatever they are, as the request of the rpc "Convolve" or its like.
[[nodiscard]] std::string StreamBytes(uint64_t id, const std::string& rpc, const std::string& bytes);

// The bytes of the response of that rpc in an answer; nothing where it has another one.
[[nodiscard]] std::optional<std::string> ResponseBytes(const v1::StreamComputeResponse& answer, const std::string& rpc);

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_STREAM_CALL_H_
