// Sends the calls, and takes their answers.
#ifndef TENSORD_LOAD_GENERATOR_H_
#define TENSORD_LOAD_GENERATOR_H_

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client/load/answer_check.h"
#include "client/load/call_pool.h"
#include "client/load/control.h"
#include "client/load/load_options.h"
#include "client/load/mix.h"
#include "client/load/statistics.h"

namespace tensord::load {

// What all lanes share.
struct Plan {
  const LoadOptions* options;
  std::vector<Kind> kinds;
  std::vector<uint16_t> order;  // MakeOrder
  std::string authorization;
  std::chrono::steady_clock::time_point start;
  Statistics* statistics;
  AnswerCheck* answer_check;
  Control* control;
};

// One completion queue, the thread that empties it, and, in an open loop, the thread that sends when calls are due: so
// neither waits for the other, and no latency hides in the wait.
class Lane {
 public:
  // `number` of `count` lanes, which share rate and concurrency.
  Lane(const Plan* plan, std::vector<std::shared_ptr<grpc::Channel>> channels, int number, int count);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void Start();
  bool sending() const { return sending_.load(); }
  size_t in_flight() const { return pool_.in_flight(); }

 private:
  void KeepInFlight();
  void SendWhenDue();
  void SendPhase(size_t phase, int64_t begin_ns, int64_t end_ns);
  // False where no more are to be sent.
  bool Send(size_t phase, int64_t due_ns);
  void Start(Call& call, size_t phase, int64_t due_ns);
  // In a closed loop; false where no more are to be sent.
  bool SendAgain(Call& call);
  // False where the run was stopped before that moment.
  bool SleepUntil(int64_t at_ns) const;
  void TakeAnswers();
  void Finish(Call& call);
  int64_t Now() const;
  int64_t EndOfPhase(size_t phase) const;
  size_t PhaseAt(int64_t now_ns) const;

  const Plan* plan_;
  int number_;
  int count_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  CallPool pool_;
  grpc::CompletionQueue queue_;
  std::atomic<uint64_t> next_{0};
  std::atomic<bool> sending_{false};
  std::thread sender_, taker_;
};

// Runs all phases; returns when every call has been answered or its deadline has passed. `look` is called some twenty
// times a second meanwhile, on the caller's thread.
void Generate(const Plan& plan, const std::vector<std::shared_ptr<grpc::Channel>>& channels,
              const std::function<void()>& look);

}  // namespace tensord::load

#endif  // TENSORD_LOAD_GENERATOR_H_
