// Messages of protobuf: the one place where requests are decoded and answers encoded.
#ifndef TENSORD_SERVER_RPC_TYPED_MESSAGE_H_
#define TENSORD_SERVER_RPC_TYPED_MESSAGE_H_

#include <grpcpp/impl/codegen/proto_utils.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "server/rpc/message.h"
#include "server/rpc/prepared_call.h"
#include "server/rpc/wire_footprint.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {

// That `bytes` are no message of that kind.
template <typename Request>
absl::Status MalformedMessage(const grpc::ByteBuffer& bytes) {
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
      absl::StrCat("the request's ", bytes.Length(), " bytes are no ", Request::descriptor()->full_name(),
                   "; check that the client was generated from this version's protos"));
}

// The request from its bytes. kInvalidArgument, reason MALFORMED_MESSAGE, where they are no such message. Everything
// that comes from a client is decoded here and nowhere else.
template <typename Request>
absl::Status DecodeMessage(const grpc::ByteBuffer& bytes, Request& request) {
  // Deserialize consumes its buffer: this copy shares the slices.
  grpc::ByteBuffer slices(bytes);
  if (grpc::SerializationTraits<Request>::Deserialize(&slices, &request).ok()) return absl::OkStatus();
  return MalformedMessage<Request>(bytes);
}

// What decoding `bytes` as such a request will take, as Message::DecodedBytes.
template <typename Request>
absl::StatusOr<int64_t> DecodedBytesOf(const grpc::ByteBuffer& bytes, int64_t limit) {
  static const WireFootprint footprint(*Request::descriptor());
  const std::optional<int64_t> bound = footprint.Bound(bytes, limit);
  if (!bound.has_value()) return MalformedMessage<Request>(bytes);
  return *bound;
}

// The bytes of an answer, which is used up.
template <typename Response>
absl::Status EncodeMessage(Response& response, AttachedTensors& attached, grpc::ByteBuffer& bytes) {
  if (!attached.empty()) return attached.Encode(response, bytes);
  bool own_buffer = false;
  if (grpc::SerializationTraits<Response>::Serialize(response, &bytes, &own_buffer).ok()) return absl::OkStatus();
  return compute::LimitError("MESSAGE_TOO_LARGE", "", "the answer is larger than a message can be (2 GiB)");
}

// `prepare` is one of convert/'s Prepare functions.
template <typename Request, typename Response>
class TypedMessage final : public Message {
 public:
  using PrepareFunction = absl::StatusOr<PreparedCall<Response>> (*)(const Request&, const PrepareOptions&);

  explicit TypedMessage(PrepareFunction prepare) : prepare_(prepare) {}

  [[nodiscard]] absl::StatusOr<int64_t> DecodedBytes(const grpc::ByteBuffer& request, int64_t limit) const override {
    return DecodedBytesOf<Request>(request, limit);
  }
  absl::Status Prepare(const grpc::ByteBuffer& request, const PrepareOptions& options) override {
    message_.emplace();
    TENSORD_RETURN_IF_ERROR(DecodeMessage(request, *message_));
    TENSORD_ASSIGN_OR_RETURN(prepared_, prepare_(*message_, options));
    return absl::OkStatus();
  }
  [[nodiscard]] compute::Cost cost() const override { return prepared_->cost; }
  [[nodiscard]] double estimated_ns() const override { return prepared_->estimated_ns; }
  absl::Status Run(const compute::ExecutionContext& context, grpc::ByteBuffer& response) override {
    AttachedTensors attached;
    TENSORD_ASSIGN_OR_RETURN(Response answer, prepared_->run({context, &attached}));
    return EncodeMessage(answer, attached, response);
  }
  void Release() override {
    prepared_.reset();
    message_.reset();
  }

 private:
  const PrepareFunction prepare_;
  std::optional<Request> message_;
  std::optional<PreparedCall<Response>> prepared_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_TYPED_MESSAGE_H_
