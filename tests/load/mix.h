// The kinds of calls that are offered, serialised once.
#ifndef TENSORD_TESTS_LOAD_MIX_H_
#define TENSORD_TESTS_LOAD_MIX_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}

namespace tensord::load {

struct Kind {
  std::string name = {};
  std::string method = {};  // "/tensord.v1.TensorService/Convolve"
  grpc::ByteBuffer request = {};
  double weight = 0;
  bool hostile = false;
  // How it may be answered, as LabelOf (verdict.h) words it: "OK", "INVALID_ARGUMENT INVALID_REQUEST".
  std::vector<std::string> expected = {};
};

// The good kinds of a mix: "standard", "heavy", or the name of one kind of these.
absl::StatusOr<std::vector<Kind>> GoodKinds(absl::string_view mix);

// Requests that have to be refused, each with its own code and reason, and none of them by much work.
std::vector<Kind> HostileKinds();

// The kinds of a mix with `hostile_percent` of the calls hostile, equally many of each hostile kind.
absl::StatusOr<std::vector<Kind>> MakeMix(absl::string_view mix, double hostile_percent);

// 10000 indices of kinds, each as often as its weight says, in an order that the seed gives.
std::vector<uint16_t> MakeOrder(const std::vector<Kind>& kinds, uint64_t seed);

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message);
grpc::ByteBuffer ToBuffer(const std::string& bytes);

}  // namespace tensord::load

#endif  // TENSORD_TESTS_LOAD_MIX_H_
