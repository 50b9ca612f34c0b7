// From an element type to its C++ type.
#ifndef TENSORD_SERVER_CONVERT_WITH_TYPE_H_
#define TENSORD_SERVER_CONVERT_WITH_TYPE_H_

#include "tensord/compute/data_type.h"

namespace tensord::server {

// Calls f(T()) for the one of Ts that is the C++ type of `type`; false where none is.
template <typename... Ts, typename F>
bool WithTypeAmong(compute::DataType type, F&& f) {
  return ((type == compute::kDataTypeOf<Ts> && (f(Ts{}), true)) || ...);
}

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_WITH_TYPE_H_
