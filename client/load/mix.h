// The kinds of calls that are offered, serialised once.
#ifndef TENSORD_LOAD_MIX_H_
#define TENSORD_LOAD_MIX_H_

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
  bool hostile = false;  // has to be refused: only tests make such calls
  // How it may be answered, as Explain (verdict.h) labels it: "OK", "INVALID_ARGUMENT INVALID_REQUEST".
  std::vector<std::string> expected = {};
};

// The good kinds of a mix: "standard", "heavy", or the name of one kind of these.
absl::StatusOr<std::vector<Kind>> GoodKinds(absl::string_view mix);

// The names that GoodKinds takes: mixes, then kinds.
std::vector<std::string> MixNames();
std::vector<std::string> KindNames();

// A mix in words: one of those names, or several of them with weights, `convolve=9,pool-max` (1 where none is given). A
// mix in the list shares its weight among its kinds as it does by itself; the weights of a kind that comes twice add
// up.
//
// Errors: kInvalidArgument - an unknown name, one that is given twice, a weight that is no number above 0, a kind that
// would be less than one call in 10000.
absl::StatusOr<std::vector<Kind>> ParseMix(absl::string_view text);

// 10000 indices of kinds, each as often as its weight says, in an order that the seed gives.
std::vector<uint16_t> MakeOrder(const std::vector<Kind>& kinds, uint64_t seed);

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message);
grpc::ByteBuffer ToBuffer(const std::string& bytes);

}  // namespace tensord::load

#endif  // TENSORD_LOAD_MIX_H_
