#include "server/rpc/admission.h"

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "tensord/compute/limits.h"

namespace tensord::server {
namespace {

// How long a client had better wait when the budget is used up: some requests' worth of work.
constexpr std::chrono::milliseconds kRetryDelay{100};

}  // namespace

absl::Status MemoryBudget::Reserve(int64_t bytes, Reservation& reservation) {
  const int64_t whole = compute::SaturatingAdd(reservation.bytes_, bytes);
  if (whole > limit_) {
    return compute::LimitError("TENSOR_TOO_LARGE", "",
                               absl::StrCat("the request takes ", whole,
                                            " bytes of memory, the budget for all requests "
                                            "is ",
                                            limit_, " bytes; send it in smaller batches"));
  }
  int64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (used > limit_ - bytes) {
      return WithRetry(compute::LimitError("OVERLOADED", "",
                                           absl::StrCat("the memory budget of ", limit_,
                                                        " bytes is in use by other "
                                                        "requests; try again later")),
                       kRetryDelay);
    }
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  reservation.budget_ = this;
  reservation.bytes_ = whole;
  return absl::OkStatus();
}

}  // namespace tensord::server
