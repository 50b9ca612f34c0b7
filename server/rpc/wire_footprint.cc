#include "server/rpc/wire_footprint.h"

#include <grpcpp/impl/codegen/proto_buffer_reader.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/message.h"
#include "google/protobuf/wire_format_lite.h"

namespace tensord::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

// A growing array holds its old and its new storage at once, each up to twice as large as what is in use: three times
// the elements at most.
constexpr int64_t kGrowth = 3;
// What the allocator adds to each piece of memory.
constexpr int64_t kAllocation = 16;
constexpr int64_t kString = static_cast<int64_t>(sizeof(std::string)) + kAllocation;
constexpr int64_t kPointer = kGrowth * static_cast<int64_t>(sizeof(void*));
// What the first element of an array has it allocate beyond its own share.
constexpr int64_t kFirstElements = 64;
// One entry of an UnknownFieldSet: number, type and value.
constexpr int64_t kUnknownEntry = kGrowth * 16;
// An UnknownFieldSet and what holds it.
constexpr int64_t kUnknownSet = 64;
// A parser takes up to 16 zero bytes beyond the end for fields or numbers before it knows that they are none.
constexpr int64_t kBeyondTheEnd = 2048;
// Up to here the parser reserves a string's claimed length; longer ones grow like arrays.
constexpr int64_t kReservedLength = 50'000'000;
// Deeper nesting is refused by the parser. (Its limit is 100; each frame below is one level.)
constexpr size_t kMaxDepth = 102;
// Field numbers above have no place in the table; no message of ours has one.
constexpr int kMaxFieldNumber = 255;

// A text beyond the 15 bytes that a string holds itself gets room for at least 30, and a zero at its end.
int64_t StringBytes(int64_t length) {
  const int64_t room = std::max<int64_t>(length, 30) + 1;
  return kString + kAllocation + (length > kReservedLength ? kGrowth * room : room);
}

uint8_t ElementSize(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return 8;
    default:
      return 4;
  }
}

// An object of that kind, before anything is in it.
int64_t ObjectBytes(const Descriptor& descriptor) {
  auto* const factory = google::protobuf::MessageFactory::generated_factory();
  const FieldDescriptor* const value = descriptor.options().map_entry() ? descriptor.map_value() : nullptr;
  if (value == nullptr || value->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return static_cast<int64_t>(factory->GetPrototype(&descriptor)->SpaceUsedLong());
  }
  // The prototype of an entry has no value, and SpaceUsedLong looks at it. There is one in the map's node, and another
  // in the entry that the parser makes where the fields come in another order.
  const auto value_bytes = static_cast<int64_t>(factory->GetPrototype(value->message_type())->SpaceUsedLong());
  constexpr auto kEntry = static_cast<int64_t>(sizeof(std::string) + 8 * sizeof(void*));
  return 2 * (kEntry + value_bytes + kAllocation);
}

}  // namespace

WireFootprint::WireFootprint(const Descriptor& message) { Add(message); }

int WireFootprint::Add(const Descriptor& descriptor) {
  for (size_t i = 0; i < messages_.size(); ++i) {
    if (messages_[i].descriptor == &descriptor) return static_cast<int>(i);
  }
  const auto index = messages_.size();
  messages_.push_back({&descriptor, ObjectBytes(descriptor) + kAllocation + kUnknownSet, {}});
  std::vector<Field> fields;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& from = *descriptor.field(i);
    if (from.number() > kMaxFieldNumber) continue;
    if (fields.size() <= static_cast<size_t>(from.number())) fields.resize(static_cast<size_t>(from.number()) + 1);
    Field& field = fields[static_cast<size_t>(from.number())];
    field.repeated = from.is_repeated();
    field.wire_type =
        static_cast<uint8_t>(WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(from.type())));
    field.element_size = ElementSize(from);
    if (field.repeated) messages_[index].object_bytes += kFirstElements;
    if (from.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      field.kind = Kind::kMessage;
      field.message = Add(*from.message_type());
    } else {
      field.kind = from.cpp_type() == FieldDescriptor::CPPTYPE_STRING ? Kind::kString : Kind::kScalar;
    }
  }
  messages_[index].fields = std::move(fields);
  return static_cast<int>(index);
}

// One pass over the bytes of one message.
class WireFootprint::Walk {
 public:
  Walk(const WireFootprint& table, google::protobuf::io::CodedInputStream& input, int64_t size, int64_t limit)
      : table_(table), input_(input), limit_(limit) {
    frames_[0] = {size, &table.messages_.front(), 0};
  }

  std::optional<int64_t> Run() {
    bytes_ = frames_[0].message->object_bytes + kBeyondTheEnd;
    while (bytes_ <= limit_ && Step()) {
    }
    return lie_ ? std::nullopt : std::optional<int64_t>(bytes_);
  }

 private:
  // What is being read: a message that ends at a position, or an unknown group that ends at a tag.
  struct Frame {
    int64_t end;
    const Message* message;  // null in unknown groups
    int group_number;        // 0 outside of them
  };

  // Reads one field. False at the end, and where the bytes are no message.
  bool Step() {
    while (frames_[depth_].group_number == 0 && input_.CurrentPosition() >= frames_[depth_].end) {
      if (depth_ == 0 || input_.CurrentPosition() > frames_[depth_].end) return false;
      --depth_;
    }
    const uint32_t tag = input_.ReadTagNoLastTag();
    if (tag == 0) return false;
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    const auto wire_type = WireFormatLite::GetTagWireType(tag);
    if (wire_type == WireFormatLite::WIRETYPE_END_GROUP) return EndGroup(number);
    const Message* message = frames_[depth_].message;
    Field field;
    if (message != nullptr && static_cast<size_t>(number) < message->fields.size()) {
      field = message->fields[static_cast<size_t>(number)];
    }
    if (field.kind == Kind::kScalar && field.repeated && wire_type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      return Packed(field);
    }
    if (field.kind == Kind::kUnknown || static_cast<uint8_t>(wire_type) != field.wire_type) {
      return Unknown(number, wire_type);
    }
    return Known(field, wire_type);
  }

  bool Known(const Field& field, WireFormatLite::WireType wire_type) {
    if (field.kind == Kind::kScalar) {
      if (field.repeated) bytes_ += kGrowth * field.element_size;
      return SkipScalar(wire_type);
    }
    // The parser makes the object before it reads the length.
    const Message& message = table_.messages_[static_cast<size_t>(field.message)];
    bytes_ += field.kind == Kind::kString ? StringBytes(0) : message.object_bytes;
    if (field.repeated) bytes_ += kPointer;
    int64_t length = 0;
    if (!ReadLength(length)) return false;
    if (field.kind == Kind::kMessage) return Push({input_.CurrentPosition() + length, &message, 0});
    bytes_ += StringBytes(length) - StringBytes(0);
    return input_.Skip(static_cast<int>(length));
  }

  bool Unknown(int number, WireFormatLite::WireType wire_type) {
    bytes_ += kUnknownEntry;
    if (wire_type == WireFormatLite::WIRETYPE_START_GROUP) {
      bytes_ += kUnknownSet + kAllocation;
      return Push({frames_[depth_].end, nullptr, number});
    }
    if (wire_type != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) return SkipScalar(wire_type);
    bytes_ += StringBytes(0);
    int64_t length = 0;
    if (!ReadLength(length)) return false;
    bytes_ += StringBytes(length) - StringBytes(0);
    return input_.Skip(static_cast<int>(length));
  }

  bool Packed(const Field& field) {
    int64_t length = 0;
    if (!ReadLength(length)) return false;
    if (field.wire_type != WireFormatLite::WIRETYPE_VARINT) {
      bytes_ += kGrowth * length;
      return input_.Skip(static_cast<int>(length));
    }
    while (length > 0) {
      const void* data = nullptr;
      int size = 0;
      if (!input_.GetDirectBufferPointer(&data, &size)) return false;
      const auto* const begin = static_cast<const uint8_t*>(data);
      const auto count = std::min<int64_t>(size, length);
      // Each number ends with a byte whose high bit is clear.
      bytes_ +=
          kGrowth * field.element_size * std::count_if(begin, begin + count, [](uint8_t byte) { return byte < 0x80; });
      if (bytes_ > limit_ || !input_.Skip(static_cast<int>(count))) return false;
      length -= count;
    }
    return true;
  }

  bool SkipScalar(WireFormatLite::WireType wire_type) {
    uint64_t value = 0;
    switch (wire_type) {
      case WireFormatLite::WIRETYPE_VARINT:
        return input_.ReadVarint64(&value);
      case WireFormatLite::WIRETYPE_FIXED64:
        return input_.Skip(8);
      case WireFormatLite::WIRETYPE_FIXED32:
        return input_.Skip(4);
      default:
        return false;
    }
  }

  // The length that follows.
  bool ReadLength(int64_t& length) {
    uint32_t value = 0;
    // One that breaks off counts as one that goes beyond the end.
    lie_ = !input_.ReadVarint32(&value) || value > frames_[depth_].end - input_.CurrentPosition();
    length = value;
    return !lie_;
  }

  bool Push(const Frame& frame) {
    if (depth_ + 1 == frames_.size()) return false;
    frames_[++depth_] = frame;
    return true;
  }

  bool EndGroup(int number) {
    if (number == 0 || frames_[depth_].group_number != number) return false;
    --depth_;
    return true;
  }

  const WireFootprint& table_;
  google::protobuf::io::CodedInputStream& input_;
  const int64_t limit_;
  int64_t bytes_ = 0;
  bool lie_ = false;  // a length goes beyond the end
  std::array<Frame, kMaxDepth> frames_ = {};
  size_t depth_ = 0;
};

std::optional<int64_t> WireFootprint::Bound(const grpc::ByteBuffer& bytes, int64_t limit) const {
  grpc::ByteBuffer slices(bytes);  // shares them
  grpc::ProtoBufferReader reader(&slices);
  if (!reader.status().ok()) return 0;
  google::protobuf::io::CodedInputStream input(&reader);
  return Walk(*this, input, static_cast<int64_t>(bytes.Length()), limit).Run();
}

}  // namespace tensord::server
