#include "server/convert/attached_tensors.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/slice.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "tensord/compute/limits.h"

namespace tensord::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;

// The mark of a tensor's message: an unknown field with the tensor's index. No message of ours has a field of that
// number.
constexpr int kMark = FieldDescriptor::kMaxNumber;

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

bool IsOneMessage(const FieldDescriptor& field) {
  return !field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// The tag and the length that come before a field of bytes or of a message.
std::string Prefix(int number, uint64_t length) {
  std::string prefix;
  google::protobuf::io::StringOutputStream stream(&prefix);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteTag(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  coded.WriteVarint64(length);
  coded.Trim();
  return prefix;
}

}  // namespace

// Bytes in pieces: small ones copied, tensors as they are.
class AttachedTensors::Rope {
 public:
  [[nodiscard]] uint64_t length() const { return length_; }

  void Append(const std::string& bytes) {
    small_ += bytes;
    length_ += bytes.size();
  }
  void Append(compute::Tensor tensor) {
    Flush();
    auto kept = std::make_unique<compute::Tensor>(std::move(tensor));
    const auto size = static_cast<size_t>(kept->size_bytes());
    grpc::Slice slice(
        kept->data(), size, [](void* owner) { delete static_cast<compute::Tensor*>(owner); }, kept.get());
    (void)kept.release();  // the slice owns it
    slices_.push_back(std::move(slice));
    length_ += size;
  }
  void Append(Rope rope) {
    rope.Flush();
    Flush();
    for (grpc::Slice& slice : rope.slices_) slices_.push_back(std::move(slice));
    length_ += rope.length_;
  }

  grpc::ByteBuffer Take() {
    Flush();
    return grpc::ByteBuffer(slices_.data(), slices_.size());
  }

 private:
  void Flush() {
    if (small_.empty()) return;
    slices_.emplace_back(small_);
    small_.clear();
  }

  std::vector<grpc::Slice> slices_;
  std::string small_;  // what comes after them
  uint64_t length_ = 0;
};

void AttachedTensors::Attach(compute::Tensor tensor, v1::Tensor& message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(kMark, tensors_.size());
  tensors_.push_back(std::move(tensor));
}

absl::Status AttachedTensors::Encode(Message& answer, grpc::ByteBuffer& bytes) {
  Rope rope;
  Append(answer, rope);
  if (rope.length() > static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) {
    return compute::LimitError("MESSAGE_TOO_LARGE", "", "the answer is larger than a message can be (2 GiB)");
  }
  bytes = rope.Take();
  return absl::OkStatus();
}

bool AttachedTensors::IsIn(const Message& message) {
  if (message.GetDescriptor() == v1::Tensor::descriptor()) {
    return message.GetReflection()->GetUnknownFields(message).field_count() > 0;
  }
  for (const FieldDescriptor* field : SetFields(message)) {
    if (IsOneMessage(*field) && IsIn(message.GetReflection()->GetMessage(message, field))) return true;
  }
  return false;
}

void AttachedTensors::Append(Message& message, Rope& rope) {
  if (message.GetDescriptor() == v1::Tensor::descriptor()) return AppendTensor(message, rope);
  std::vector<std::pair<int, std::unique_ptr<Message>>> apart;
  for (const FieldDescriptor* field : SetFields(message)) {
    if (!IsOneMessage(*field) || !IsIn(message.GetReflection()->GetMessage(message, field))) continue;
    std::unique_ptr<Message> part(message.GetReflection()->ReleaseMessage(&message, field));
    apart.emplace_back(field->number(), std::move(part));
  }
  rope.Append(message.SerializeAsString());
  for (const auto& [number, part] : apart) {
    Rope inner;
    Append(*part, inner);
    rope.Append(Prefix(number, inner.length()));
    rope.Append(std::move(inner));
  }
}

void AttachedTensors::AppendTensor(Message& message, Rope& rope) {
  google::protobuf::UnknownFieldSet& mark = *message.GetReflection()->MutableUnknownFields(&message);
  compute::Tensor& tensor = tensors_[mark.field(0).varint()];
  mark.Clear();
  rope.Append(message.SerializeAsString());
  rope.Append(Prefix(v1::Tensor::kDataFieldNumber, static_cast<uint64_t>(tensor.size_bytes())));
  rope.Append(std::move(tensor));
}

}  // namespace tensord::server
