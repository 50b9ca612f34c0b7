#include "client/load/generator.h"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace tensord::load {
namespace {

using std::chrono::nanoseconds;

// Above this rate calls leave in small groups: a thread that sleeps before each of them does little else.
constexpr double kGroupedRate = 4000;
constexpr int64_t kGroupNs = 500'000;
// A call that is due within this time is sent at once: to sleep costs more.
constexpr int64_t kAtOnceNs = 5'000;
// How long a thread that waits may not notice that the run was stopped.
constexpr int64_t kLookNs = 50'000'000;

size_t PoolSize(const LoadOptions& options, int lanes) {
  const int all = options.concurrency > 0 ? options.concurrency : options.max_outstanding;
  return static_cast<size_t>(std::max(1, (all + lanes - 1) / lanes));
}

}  // namespace

Lane::Lane(const Plan* plan, std::vector<std::shared_ptr<grpc::Channel>> channels, int number, int count)
    : plan_(plan), number_(number), count_(count), pool_(PoolSize(*plan->options, count)) {
  for (std::shared_ptr<grpc::Channel>& channel : channels) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(std::move(channel)));
  }
  // Lanes begin at different places of the order.
  next_ = static_cast<uint64_t>(number) * plan->order.size() / static_cast<uint64_t>(count);
}

Lane::~Lane() {
  if (sender_.joinable()) sender_.join();
  queue_.Shutdown();
  if (taker_.joinable()) taker_.join();
}

void Lane::Start() {
  sending_ = true;
  taker_ = std::thread([this] { TakeAnswers(); });
  sender_ = std::thread([this] {
    // The kernel may else wake a thread 50 microseconds late, to save power.
    prctl(PR_SET_TIMERSLACK, 1);
    if (plan_->options->concurrency > 0) {
      KeepInFlight();
    } else {
      SendWhenDue();
    }
    sending_ = false;
  });
}

int64_t Lane::Now() const { return nanoseconds(std::chrono::steady_clock::now() - plan_->start).count(); }

int64_t Lane::EndOfPhase(size_t phase) const {
  double seconds = 0;
  for (size_t i = 0; i <= phase; ++i) seconds += plan_->options->phases[i].seconds;
  return static_cast<int64_t>(seconds * 1e9);
}

size_t Lane::PhaseAt(int64_t now_ns) const {
  size_t phase = 0;
  while (phase + 1 < plan_->options->phases.size() && now_ns >= EndOfPhase(phase)) ++phase;
  return phase;
}

void Lane::KeepInFlight() {
  // Each answer sends the next call: see Finish.
  const int all = plan_->options->concurrency;
  const int own = all / count_ + (number_ < all % count_ ? 1 : 0);
  for (int i = 0; i < own; ++i) {
    if (!Send(0, Now())) return;
  }
  static_cast<void>(SleepUntil(EndOfPhase(plan_->options->phases.size() - 1)));
}

void Lane::SendWhenDue() {
  int64_t begin = 0;
  for (size_t phase = 0; phase < plan_->options->phases.size(); ++phase) {
    const int64_t end = EndOfPhase(phase);
    SendPhase(phase, begin, end);
    begin = end;
  }
}

void Lane::SendPhase(size_t phase, int64_t begin_ns, int64_t end_ns) {
  const LoadOptions& options = *plan_->options;
  const uint64_t seed = options.seed * 1000003 + phase * 1009 + static_cast<uint64_t>(number_);
  Schedule schedule(options.phases[phase].rate / count_, options.arrivals, seed);
  const bool grouped = options.phases[phase].rate > kGroupedRate;
  uint64_t too_late = 0;
  for (int64_t due = begin_ns + schedule.Next(); due < end_ns; due = begin_ns + schedule.Next()) {
    if (plan_->control->stopped()) break;
    const int64_t now = Now();
    if (now >= end_ns) {
      ++too_late;
      continue;
    }
    if (due - now > kAtOnceNs && !SleepUntil(grouped ? std::max(due, now + kGroupNs) : due)) break;
    if (!Send(phase, due)) break;
  }
  if (too_late > 0) plan_->statistics->Skipped(phase, too_late);
}

bool Lane::SleepUntil(int64_t at_ns) const {
  for (int64_t now = Now(); now < at_ns; now = Now()) {
    if (plan_->control->stopped()) return false;
    std::this_thread::sleep_until(plan_->start + nanoseconds(std::min(at_ns, now + kLookNs)));
  }
  return true;
}

bool Lane::Send(size_t phase, int64_t due_ns) {
  if (!plan_->control->TakeCall()) return false;
  Call* call = pool_.Take();
  if (call == nullptr) {
    plan_->statistics->Skipped(phase, 1);
    return true;
  }
  Start(*call, phase, due_ns);
  return true;
}

bool Lane::SendAgain(Call& call) {
  const int64_t now = Now();
  if (plan_->options->concurrency == 0 || now >= EndOfPhase(plan_->options->phases.size() - 1)) return false;
  if (!plan_->control->TakeCall()) return false;
  // Not by way of the pool: Generate must not see that nothing is in flight in between.
  CallPool::Renew(&call);
  Start(call, PhaseAt(now), now);
  return true;
}

void Lane::Start(Call& call, size_t phase, int64_t due_ns) {
  const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
  call.kind = plan_->order[number % plan_->order.size()];
  call.phase = phase;
  call.due_ns = due_ns;
  const int64_t now = Now();
  plan_->statistics->Sent(phase, now - due_ns, now);
  const auto deadline = nanoseconds(static_cast<int64_t>(plan_->options->deadline_seconds * 1e9));
  call.context->set_deadline(std::chrono::system_clock::now() +
                             std::chrono::duration_cast<std::chrono::system_clock::duration>(deadline));
  if (!plan_->authorization.empty()) call.context->AddMetadata("authorization", plan_->authorization);
  const Kind& kind = plan_->kinds[call.kind];
  call.reader = stubs_[number % stubs_.size()]->PrepareUnaryCall(&*call.context, kind.method, kind.request, &queue_);
  auto& reader = *call.reader;
  reader.StartCall();
  call.sent.store(true, std::memory_order_release);
  reader.Finish(&call.response, &call.status, &call);
}

void Lane::TakeAnswers() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    Call* call = static_cast<Call*>(tag);
    static_cast<void>(call->sent.load(std::memory_order_acquire));
    Finish(*call);
    if (!SendAgain(*call)) pool_.Give(call);
  }
}

void Lane::Finish(Call& call) {
  const Kind& kind = plan_->kinds[call.kind];
  const int64_t now = Now();
  Finished finished{.phase = call.phase, .kind = call.kind, .latency_ns = now - call.due_ns, .at_ns = now};
  if (call.status.ok()) {
    finished.verdict = JudgeOk(kind);
    const AnswerCheck::Result result = plan_->answer_check->Look(call.kind, call.response);
    finished.compared = result.compared;
    finished.differs = result.differs;
  } else {
    Failure failure = Explain(call.status);
    finished.verdict = Judge(
        kind, failure, {.refusals = plan_->options->accept_refusals, .deadline = plan_->options->accept_deadline});
    finished.has_retry_info = failure.has_retry_info;
    finished.has_pushback = call.context->GetServerTrailingMetadata().count("grpc-retry-pushback-ms") > 0;
    finished.label = std::move(failure.label);
    if (finished.verdict == Verdict::kUnexpected) finished.message = call.status.error_message();
  }
  plan_->statistics->Done(finished);
}

void Generate(const Plan& plan, const std::vector<std::shared_ptr<grpc::Channel>>& channels,
              const std::function<void()>& look) {
  const int count = std::min(plan.options->threads, static_cast<int>(channels.size()));
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < count; ++i) {
    std::vector<std::shared_ptr<grpc::Channel>> own;
    for (size_t c = static_cast<size_t>(i); c < channels.size(); c += static_cast<size_t>(count)) {
      own.push_back(channels[c]);
    }
    lanes.push_back(std::make_unique<Lane>(&plan, std::move(own), i, count));
  }
  for (const auto& lane : lanes) lane->Start();
  const auto busy = [](const auto& lane) { return lane->sending() || lane->in_flight() > 0; };
  // Every call has a deadline: the last one ends.
  while (std::any_of(lanes.begin(), lanes.end(), busy)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    look();
  }
}

}  // namespace tensord::load
