// The protos' enums <-> compute's: one table each, both ways.
#ifndef TENSORD_SERVER_CONVERT_ENUM_CONVERT_H_
#define TENSORD_SERVER_CONVERT_ENUM_CONVERT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "tensord/compute/accumulation.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/data_type.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/violations.h"
#include "tensord/v1/activation.pb.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/numbers.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/tensor.pb.h"
#include "tensord/v1/unpooling.pb.h"

namespace tensord::server {

// The value, or nothing for UNSPECIFIED ("not given") and for a number that is no value of the enum: that adds a
// violation of `field` with the choices.
#define TENSORD_ENUM(Proto, Engine)                                                                                  \
  [[nodiscard]] std::optional<Engine> Decode(Proto value, absl::string_view field, compute::Violations& violations); \
  [[nodiscard]] Proto Encode(Engine value);
#include "server/convert/enums.inc"
#undef TENSORD_ENUM

// As Decode, where the field is required: UNSPECIFIED is a violation too.
template <typename Proto>
auto DecodeRequired(Proto value, absl::string_view field, compute::Violations& violations) {
  if (value == Proto{0}) violations.Add(field, "was not given, is required");
  return Decode(value, field, violations);
}

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_ENUM_CONVERT_H_
