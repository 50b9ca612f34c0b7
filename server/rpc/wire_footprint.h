// What decoding a message will take, from its bytes alone.
#ifndef TENSORD_SERVER_RPC_WIRE_FOOTPRINT_H_
#define TENSORD_SERVER_RPC_WIRE_FOOTPRINT_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace tensord::server {

// Bounds the memory that parsing some bytes as a message allocates, so that it can be reserved first: two bytes of wire
// can become eighty bytes of memory (an empty string in a list, an unknown field), while a tensor's payload stays what
// it is. Sizes of objects are those of protobuf 3.21 under libstdc++, with what their containers hold while they grow;
// tests/server/wire_footprint_test.cc compares with a counting allocator.
//
// Make one for each kind of message, once. Threads: const members may be called from any thread.
class WireFootprint {
 public:
  // For messages of that kind; the descriptor belongs to generated code.
  explicit WireFootprint(const google::protobuf::Descriptor& message);

  // An upper bound in bytes. Reads the bytes once, allocates nothing, and stops as soon as the bound is over `limit`
  // (the result is then some number over it). Nothing where a length goes beyond the end of what it is in: then the
  // bytes are no message, and a parser might reserve the length before it finds out. Other bytes that are no message
  // give a bound of what a parser takes until then.
  [[nodiscard]] std::optional<int64_t> Bound(const grpc::ByteBuffer& bytes, int64_t limit) const;

 private:
  enum class Kind : uint8_t { kUnknown, kScalar, kString, kMessage };
  struct Field {
    Kind kind = Kind::kUnknown;
    bool repeated = false;
    uint8_t wire_type = 0;     // of one element
    uint8_t element_size = 0;  // of a scalar, in bytes
    int message = 0;           // index into messages_
  };
  struct Message {
    const google::protobuf::Descriptor* descriptor;
    int64_t object_bytes;
    std::vector<Field> fields;  // by number; larger ones are looked up in no table and count as unknown
  };
  class Walk;

  int Add(const google::protobuf::Descriptor& descriptor);

  std::vector<Message> messages_;  // the first one is the root
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_WIRE_FOOTPRINT_H_
