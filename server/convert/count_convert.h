// Exact counts as messages.
#ifndef TENSORD_SERVER_CONVERT_COUNT_CONVERT_H_
#define TENSORD_SERVER_CONVERT_COUNT_CONVERT_H_

#include "tensord/analysis/count.h"
#include "tensord/v1/analysis.pb.h"

namespace tensord::server {

inline void EncodeCount(const analysis::Count& count, v1::Count& message) {
  if (count.value().has_value()) message.set_value(*count.value());
  message.set_decimal(count.decimal());
  message.set_expression(count.expression());
}

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_COUNT_CONVERT_H_
