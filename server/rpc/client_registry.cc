#include "server/rpc/client_registry.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "server/rpc/retry.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;

constexpr char kOthers[] = "(others)";
// When a call in flight will end is not known; most take milliseconds.
constexpr milliseconds kInFlightRetryDelay{100};

absl::Status OverQuota(const std::string& what, milliseconds delay) {
  return RetryAfter(ErrorWithReason(absl::StatusCode::kResourceExhausted, "QUOTA", what), delay);
}

milliseconds ToDelay(TokenBucket::Seconds wait) {
  constexpr double kLongestMs = 3'600'000;
  return milliseconds(static_cast<int64_t>(std::ceil(std::min(wait.count() * 1000, kLongestMs))));
}

}  // namespace

std::shared_ptr<Client> ClientRegistry::Find(const std::string& name) {
  const auto found = clients_.find(name);
  if (found != clients_.end()) {
    by_age_.splice(by_age_.begin(), by_age_, found->second->place_);
    return found->second;
  }
  if (clients_.size() >= capacity_) Forget();
  // The shared place is one more.
  if (clients_.size() >= capacity_ && name != kOthers) return Find(kOthers);
  auto client = std::make_shared<Client>(name);
  by_age_.push_front(name);
  client->place_ = by_age_.begin();
  clients_.emplace(name, client);
  metrics_->Set(Gauge::kClients, static_cast<double>(clients_.size()));
  return client;
}

void ClientRegistry::Forget() {
  for (auto oldest = by_age_.rbegin(); oldest != by_age_.rend(); ++oldest) {
    const auto found = clients_.find(*oldest);
    if (found->second->in_flight_ > 0) continue;
    const auto place = found->second->place_;
    clients_.erase(found);
    by_age_.erase(place);
    return;
  }
}

absl::StatusOr<ClientRegistry::Lease> ClientRegistry::Enter(const std::string& name, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Client> client = Find(name);
  if (limits_.calls_in_flight > 0 && client->in_flight_ >= limits_.calls_in_flight) {
    return OverQuota(absl::StrCat("the client has ", client->in_flight_, " calls in flight, and may have ",
                                  limits_.calls_in_flight, "; wait for some of them"),
                     kInFlightRetryDelay);
  }
  TENSORD_RETURN_IF_ERROR(TakeCall(*client, now));
  ++client->in_flight_;
  Lease lease;
  lease.registry_ = this;
  lease.client_ = client;
  return lease;
}

absl::Status ClientRegistry::ChargeCall(Client& client, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return TakeCall(client, now);
}

absl::Status ClientRegistry::TakeCall(Client& client, TimePoint now) {
  const auto wait = client.calls_.Take(1, 1, static_cast<double>(limits_.calls_per_second), now);
  if (wait.count() <= 0) return absl::OkStatus();
  return OverQuota(absl::StrCat("the client calls more often than ", limits_.calls_per_second, " times a second"),
                   ToDelay(wait));
}

absl::Status ClientRegistry::Charge(Client& client, int64_t multiplication_count, TimePoint now) {
  if (multiplication_count == 0) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  // Whatever is left lets one call through: otherwise one that is larger than a second's worth never could.
  constexpr double kLeast = 1e-9;
  const auto wait = client.multiplications_.Take(static_cast<double>(multiplication_count), kLeast,
                                                 static_cast<double>(limits_.multiplications_per_second), now);
  if (wait.count() <= 0) return absl::OkStatus();
  return OverQuota(
      absl::StrCat("the client asks for more than ", limits_.multiplications_per_second, " multiplications a second"),
      ToDelay(wait));
}

void ClientRegistry::SetLimits(const ClientLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

ClientLimits ClientRegistry::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

size_t ClientRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return clients_.size();
}

void ClientRegistry::Leave(Client& client) {
  const std::lock_guard lock(mutex_);
  --client.in_flight_;
}

}  // namespace tensord::server
