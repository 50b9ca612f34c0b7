// Adding to a message's repeated field where there may be no memory.
#ifndef TENSORD_SERVER_CONVERT_APPEND_H_
#define TENSORD_SERVER_CONVERT_APPEND_H_

#include "tensord/grading/append.h"

namespace tensord::server {

using grading::Append;

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_APPEND_H_
