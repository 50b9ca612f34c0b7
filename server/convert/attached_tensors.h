// Answers whose tensors' elements are sent from where the kernels wrote them.
#ifndef TENSORD_SERVER_CONVERT_ATTACHED_TENSORS_H_
#define TENSORD_SERVER_CONVERT_ATTACHED_TENSORS_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "tensord/compute/tensor.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::server {

// The tensors of one answer that are not copied into it. Their messages have everything but the payload, and a mark
// that says which tensor is theirs; it goes along when a message is moved, and is never sent.
class AttachedTensors {
 public:
  // Smaller ones are not worth a slice of their own.
  static constexpr int64_t kMinBytes = int64_t{32} << 10;

  [[nodiscard]] bool empty() const { return tensors_.empty(); }

  // Makes `tensor` the payload `data` of `message`, which has none.
  void Attach(compute::Tensor tensor, v1::Tensor& message);

  // The encoding of `answer`, which is used up: its fields with an attached tensor come last, their elements refer to
  // the tensors, which live as long as the bytes do. kResourceExhausted, reason MESSAGE_TOO_LARGE - 2 GiB or more.
  absl::Status Encode(google::protobuf::Message& answer, grpc::ByteBuffer& bytes);

 private:
  class Rope;

  // Whether a tensor is attached to `message`, or to a message in it.
  [[nodiscard]] static bool IsIn(const google::protobuf::Message& message);
  void Append(google::protobuf::Message& message, Rope& rope);
  void AppendTensor(google::protobuf::Message& message, Rope& rope);

  std::vector<compute::Tensor> tensors_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_ATTACHED_TENSORS_H_
