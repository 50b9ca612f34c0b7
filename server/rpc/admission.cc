#include "server/rpc/admission.h"

#include "absl/strings/str_cat.h"
#include "server/rpc/retry.h"
#include "tensord/compute/limits.h"

namespace tensord::server {
namespace {

// How long a client had better wait when the budget is used up: some requests' worth of work.
constexpr std::chrono::milliseconds kRetryDelay{100};

}  // namespace

absl::Status Budget::Reserve(int64_t amount, Reservation& reservation) {
  const auto& [limit, unit, too_large_reason, gauge] = description_;
  const int64_t whole = compute::SaturatingAdd(reservation.amount_, amount);
  if (whole > limit) {
    return compute::LimitError(too_large_reason, "",
                               absl::StrCat("the request takes ", whole, " ", unit, ", the budget for all requests is ",
                                            limit, "; send it in smaller batches"));
  }
  int64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (used > limit - amount) {
      return RetryAfter(compute::LimitError("OVERLOADED", "",
                                            absl::StrCat("the budget of ", limit, " ", unit,
                                                         " is in use by other requests; try again later")),
                        kRetryDelay);
    }
  } while (!used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed));
  reservation.budget_ = this;
  reservation.Count(amount);
  metrics_->Change(gauge, static_cast<double>(amount));
  return absl::OkStatus();
}

void Budget::GiveBack(int64_t amount) {
  used_.fetch_sub(amount, std::memory_order_relaxed);
  metrics_->Change(description_.gauge, -static_cast<double>(amount));
}

}  // namespace tensord::server
