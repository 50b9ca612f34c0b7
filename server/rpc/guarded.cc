#include "server/rpc/guarded.h"

#include <exception>
#include <new>

#include "absl/strings/str_cat.h"
#include "tensord/compute/limits.h"

namespace tensord::server {
namespace {

// Made while there is memory: for when there is not even enough to say so. A copy of it allocates nothing.
const absl::Status& spare_out_of_memory =
    *new absl::Status(compute::LimitError("OUT_OF_MEMORY", "", "no memory to answer the call"));

absl::Status OutOfMemory(absl::string_view doing) {
  try {
    return compute::LimitError("OUT_OF_MEMORY", "", absl::StrCat("no memory while ", doing));
  } catch (const std::bad_alloc&) {
    return spare_out_of_memory;
  }
}

}  // namespace

absl::Status Guard(absl::string_view doing, absl::FunctionRef<absl::Status()> body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return OutOfMemory(doing);
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat(doing, " failed: ", exception.what()));
  }
}

}  // namespace tensord::server
