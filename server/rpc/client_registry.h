// The clients that call: what each has in flight, and what it may still ask for.
#ifndef TENSORD_SERVER_RPC_CLIENT_REGISTRY_H_
#define TENSORD_SERVER_RPC_CLIENT_REGISTRY_H_

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/metrics/metrics.h"
#include "server/rpc/token_bucket.h"

namespace tensord::server {

// One client. Made by ClientRegistry.
class Client {
 public:
  explicit Client(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const { return name_; }

  // The end of this client's last piece of work on the fair queue's clock, in nanoseconds. Belongs to FairQueue.
  double virtual_finish_ns = 0;

 private:
  friend class ClientRegistry;
  const std::string name_;
  // Guarded by the registry's mutex.
  int64_t in_flight_ = 0;
  TokenBucket calls_;
  TokenBucket multiplications_;
  std::list<std::string>::iterator place_;
};

// Knows the clients by name, at most `capacity`: the one that has been idle longest is forgotten for a new one. Where
// all are busy, new ones share one client called "(others)". Threads: every member may be called from any thread.
class ClientRegistry {
 public:
  using TimePoint = TokenBucket::TimePoint;
  static constexpr size_t kDefaultCapacity = 1024;

  // One call of a client, in flight while this lives. Movable.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : registry_(std::exchange(other.registry_, nullptr)), client_(std::move(other.client_)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(registry_, other.registry_);
      std::swap(client_, other.client_);
      return *this;
    }
    ~Lease() {
      if (registry_ != nullptr) registry_->Leave(*client_);
    }
    [[nodiscard]] const std::shared_ptr<Client>& client() const { return client_; }

   private:
    friend class ClientRegistry;
    ClientRegistry* registry_ = nullptr;
    std::shared_ptr<Client> client_;
  };

  // `metrics` has to outlive it.
  ClientRegistry(const ClientLimits& limits, Metrics* metrics, size_t capacity = kDefaultCapacity)
      : capacity_(capacity), metrics_(metrics), limits_(limits) {}

  // Begins a call of the client `name`. kResourceExhausted, reason QUOTA, with the advice when to try again, where it
  // has too many in flight or has called too often.
  [[nodiscard]] absl::StatusOr<Lease> Enter(const std::string& name, TimePoint now);

  // Charges one more call of a client that is in flight already. QUOTA as above, where it has called too often.
  [[nodiscard]] absl::Status ChargeCall(Client& client, TimePoint now);

  // Charges work to a client. QUOTA as above, where it still has a debt; one call may run into debt,
  // and what multiplies nothing passes.
  [[nodiscard]] absl::Status Charge(Client& client, int64_t multiplication_count, TimePoint now);

  // From now on.
  void SetLimits(const ClientLimits& limits);
  [[nodiscard]] ClientLimits limits() const;

  [[nodiscard]] size_t size() const;

 private:
  void Leave(Client& client);
  // These with the lock held.
  absl::Status TakeCall(Client& client, TimePoint now);
  std::shared_ptr<Client> Find(const std::string& name);
  void Forget();

  const size_t capacity_;
  Metrics* const metrics_;
  mutable std::mutex mutex_;
  ClientLimits limits_;                                               // guarded by mutex_
  std::list<std::string> by_age_;                                     // guarded by mutex_; the most recent first
  std::unordered_map<std::string, std::shared_ptr<Client>> clients_;  // guarded by mutex_
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CLIENT_REGISTRY_H_
