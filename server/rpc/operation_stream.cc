#include "server/rpc/operation_stream.h"

#include <algorithm>
#include <utility>

#include "server/convert/status_convert.h"
#include "server/rpc/guarded.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

// The alarm looks around at least so often, as long as there is something to wait for.
constexpr milliseconds kLookAround{100};
constexpr milliseconds kShortest{1};
constexpr milliseconds kTimerSlack{10};
// How long a refusal waits for the message that it refuses.
constexpr milliseconds kRefusalPatience{1000};
// Answers that may wait to be sent, besides the window.
constexpr size_t kSpareAnswers = 16;
// A stream's share of the memory budget is one part in so many: one whose answers nobody takes leaves the rest to
// others.
constexpr int64_t kMemoryShare = 8;

// As many operations as keep the workers busy and the queue half full, so that a stream alone is never refused.
size_t WindowOf(const Settings& settings, int thread_count) {
  int64_t window = std::max<int64_t>(2, thread_count + settings.queue / 2);
  const int64_t most = settings.client_limits.calls_in_flight;
  if (most > 0) window = std::min(window, most);
  return static_cast<size_t>(window);
}

}  // namespace

// One operation, from the read of its message to the write of its answer.
struct OperationStream::Slot final : Operation::Owner {
  Slot(OperationStream* owner, std::unique_ptr<StreamedMessage> its_message)
      : stream(owner),
        message(its_message.get()),
        operation(owner->environment_, owner->account_.method(), std::move(its_message), this, &owner->held_bytes_) {}

  void BeforeQueueing() override {}  // the stream's alarm watches the deadline
  void OnOperationDone(const absl::Status& status) override { stream->OnOperationDone(*this, status); }

  OperationStream* const stream;
  StreamedMessage* const message;
  Operation operation;
  SlotState state = SlotState::kReading;
  TimePoint deadline;
  bool is_paid = false;  // the client's rate of calls has been charged
  TimePoint retry_at;
  absl::Status refusal;  // while it rests
  Slots::iterator place;
};

struct OperationStream::AlarmLink {
  // Recursive, as gRPC may end the call within TryCancel, on this thread.
  std::recursive_mutex mutex;
  OperationStream* stream = nullptr;  // guarded by mutex; null once gRPC is done with the stream
};

OperationStream::OperationStream(CallEnvironment* environment, grpc::CallbackServerContext* context,
                                 absl::string_view method, MakeMessage make_message)
    : environment_(environment),
      context_(context),
      make_message_(std::move(make_message)),
      thread_count_(static_cast<size_t>(environment->pool().thread_count())),
      window_(WindowOf(environment->settings(), environment->pool().thread_count())),
      memory_share_(environment->memory().limit() / kMemoryShare),
      account_(environment, context, method),
      alarm_link_(std::make_shared<AlarmLink>()) {
  alarm_link_->stream = this;
  environment_->Register(this);
}

OperationStream::~OperationStream() { environment_->Unregister(this); }

void OperationStream::Start() {
  const absl::Status refusal = Guard("beginning the call", [this] { return account_.Identify(); });
  Lock lock(mutex_);
  refusal_ = refusal;
  // Nothing is read of strangers; why others are refused when a message is there, see Call::Start.
  if (refusal_.code() == absl::StatusCode::kUnauthenticated) read_closed_ = true;
  if (!refusal_.ok()) {
    patience_ends_ = system_clock::now() + kRefusalPatience;
    ArmAlarm();
  }
  Advance(std::move(lock));
}

void OperationStream::Launch(Slot& slot) {
  const absl::Status rate = Guard("beginning the operation", [&] {
    if (slot.is_paid) return absl::OkStatus();
    return environment_->clients().ChargeCall(*account_.client(), steady_clock::now());
  });
  if (!rate.ok()) return OnOperationDone(slot, rate);
  slot.is_paid = true;
  slot.operation.Start(account_.client(), slot.deadline);
}

void OperationStream::OnReadDone(bool ok) {
  Lock lock(mutex_);
  Slot& slot = *std::exchange(reading_, nullptr);
  if (!ok || finished_ || broken_ || !refusal_.ok()) {
    read_closed_ = true;
    slots_.erase(slot.place);
    return Advance(std::move(lock));
  }
  slot.state = SlotState::kWorking;
  ++working_;
  slot.deadline = system_clock::now() + environment_->settings().default_deadline;
  if (account_.has_own_deadline()) slot.deadline = std::min(slot.deadline, account_.deadline());
  received_bytes_ += static_cast<int64_t>(slot.operation.request().Length());
  // The stream itself has paid for its first operation.
  slot.is_paid = operation_count_++ == 0;
  ArmAlarm();
  lock.unlock();
  Launch(slot);
  // gRPC ends nothing before this function has returned.
  lock.lock();
  Advance(std::move(lock));
}

void OperationStream::OnOperationDone(Slot& slot, const absl::Status& status) {
  const auto delay = RetryDelayOf(status);
  if (!delay.has_value()) return Answer(slot, status);
  const TimePoint retry_at = system_clock::now() + *delay;
  Lock lock(mutex_);
  if (broken_ || draining_ || retry_at >= slot.deadline) {
    lock.unlock();
    return Answer(slot, status);
  }
  SetRetry(slot, status, retry_at);
  Advance(std::move(lock));
}

void OperationStream::SetRetry(Slot& slot, const absl::Status& refusal, TimePoint retry_at) {
  slot.operation.Rest();
  slot.state = SlotState::kResting;
  slot.refusal = refusal;
  slot.retry_at = retry_at;
  --working_;
  ++resting_;
  ArmAlarm();
}

void OperationStream::Answer(Slot& slot, const absl::Status& status) {
  const absl::Status explained = slot.operation.Explain(status, slot.deadline);
  absl::Status encoded;
  if (!explained.ok()) {
    encoded =
        Guard("encoding the answer", [&] { return slot.message->EncodeError(explained, slot.operation.response()); });
  }
  slot.operation.Conclude(status.ok());
  environment_->metrics().OperationFinished(ToGrpcCode(explained.code()));
  if (!explained.ok()) environment_->metrics().CallRefused(ReasonOf(explained));
  Lock lock(mutex_);
  --working_;
  if (!explained.ok()) ++failed_count_;
  last_operation_bytes_ = slot.operation.most_held_bytes();
  slot.state = SlotState::kAnswered;
  answers_.splice(answers_.end(), slots_, slot.place);
  // An answer that cannot be made would be waited for for ever.
  const bool is_lost = !encoded.ok() && !broken_;
  if (is_lost) Break();
  Advance(std::move(lock));
}

bool OperationStream::MayRead() const {
  return reading_ == nullptr && !read_closed_ && !draining_ && !broken_ && resting_ == 0 && working_ < window_ &&
         working_ + answers_.size() < window_ + kSpareAnswers && HasMemoryForOneMore();
}

bool OperationStream::HasMemoryForOneMore() const {
  // What keeps the workers busy is read anyway, unless answers wait to be taken.
  if (answers_.empty() && working_ <= thread_count_) return true;
  return held_bytes_.load(std::memory_order_relaxed) + last_operation_bytes_ <= memory_share_;
}

bool OperationStream::IsOver() const {
  return (read_closed_ || draining_ || broken_) && working_ == 0 && resting_ == 0 && answers_.empty();
}

absl::Status OperationStream::EndStatus() const {
  if (!refusal_.ok()) return refusal_;
  if (broken_) {
    if (account_.has_own_deadline() && system_clock::now() + kTimerSlack >= account_.deadline()) {
      return absl::DeadlineExceededError("the deadline passed before the stream had ended");
    }
    return absl::CancelledError("the stream was broken off");
  }
  return read_closed_ ? absl::OkStatus() : Draining();
}

void OperationStream::BeginRead() {
  const absl::Status begun = Guard("beginning the operation", [this] {
    auto slot = std::make_unique<Slot>(this, make_message_(operation_count_));
    slots_.push_back(std::move(slot));
    return absl::OkStatus();
  });
  if (!begun.ok()) return Break();
  reading_ = slots_.back().get();
  reading_->place = std::prev(slots_.end());
  StartRead(&reading_->operation.request());
}

void OperationStream::BeginWrite() {
  writing_ = true;
  patience_ends_ = system_clock::now() + environment_->settings().default_deadline;
  ArmAlarm();
  StartWrite(&answers_.front()->operation.response());
}

void OperationStream::Advance(Lock lock) {
  if (finished_) return;
  if (broken_ && !writing_) answers_.clear();
  if (!broken_ && !writing_ && !answers_.empty()) BeginWrite();
  if (MayRead()) BeginRead();
  if (!IsOver()) return;
  finished_ = true;
  const absl::Status status = EndStatus();
  grpc::Status answer;
  if (status.ok()) {
    account_.Succeed();
  } else {
    answer = account_.Refuse(status);
  }
  lock.unlock();
  Finish(answer);
}

void OperationStream::OnWriteDone(bool ok) {
  Lock lock(mutex_);
  writing_ = false;
  if (ok) sent_bytes_ += answers_.front()->operation.response_bytes();
  answers_.pop_front();
  if (!ok) Break();
  Advance(std::move(lock));
}

void OperationStream::Break() {
  broken_ = true;
  for (auto slot = slots_.begin(); slot != slots_.end();) {
    const auto next = std::next(slot);
    if ((*slot)->state == SlotState::kResting) {
      --resting_;
      slots_.erase(slot);
    } else {
      (*slot)->operation.Cancel();
    }
    slot = next;
  }
}

void OperationStream::OnCancel() {
  Lock lock(mutex_);
  Break();
  Advance(std::move(lock));
}

void OperationStream::Cancel() {
  const std::lock_guard lock(mutex_);
  for (const std::unique_ptr<Slot>& slot : slots_) slot->operation.Cancel();
}

void OperationStream::BeginDrain() {
  Lock lock(mutex_);
  draining_ = true;
  Advance(std::move(lock));
}

OperationStream::Slot* OperationStream::FindDue(TimePoint now) {
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot->state == SlotState::kResting && (draining_ || slot->retry_at <= now)) return slot.get();
  }
  return nullptr;
}

OperationStream::TimePoint OperationStream::NextDue(TimePoint now) const {
  TimePoint due = now + kLookAround;
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot->state == SlotState::kWorking) due = std::min(due, slot->deadline);
    if (slot->state == SlotState::kResting) due = std::min(due, slot->retry_at);
  }
  return std::max(due, now + kShortest);
}

void OperationStream::ArmAlarm() {
  if (alarm_is_set_ || finished_ || (working_ + resting_ == 0 && !writing_ && refusal_.ok())) return;
  // Without it nothing here is wrong, only late: what comes next tries to set it again.
  const absl::Status armed = Guard("setting the deadline", [this] {
    // Not the old one again: its callback may be running still.
    alarm_.emplace();
    alarm_->Set(NextDue(system_clock::now()), [link = alarm_link_](bool expired) {
      const std::lock_guard lock(link->mutex);
      if (expired && link->stream != nullptr) link->stream->OnAlarm();
    });
    return absl::OkStatus();
  });
  alarm_is_set_ = armed.ok();
}

void OperationStream::OnAlarm() {
  const TimePoint now = system_clock::now();
  Lock lock(mutex_);
  alarm_is_set_ = false;
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot->state == SlotState::kWorking && slot->deadline <= now) slot->operation.Expire();
  }
  while (Slot* const slot = FindDue(now)) {
    slot->state = SlotState::kWorking;
    --resting_;
    ++working_;
    const bool in_vain = draining_;
    lock.unlock();
    in_vain ? Answer(*slot, slot->refusal) : Launch(*slot);
    lock.lock();
  }
  const bool is_late = patience_ends_ <= now;
  if (is_late && !refusal_.ok()) read_closed_ = true;
  const bool is_stalled = is_late && writing_ && !broken_;
  if (is_stalled) Break();
  ArmAlarm();
  Advance(std::move(lock));
  // The last thing: gRPC may end the call in it.
  if (is_stalled) context_->TryCancel();
}

void OperationStream::OnDone() {
  {
    const std::lock_guard lock(alarm_link_->mutex);
    alarm_link_->stream = nullptr;
  }
  if (alarm_.has_value()) alarm_->Cancel();
  account_.Close(received_bytes_, sent_bytes_,
                 {{"operation_count", operation_count_}, {"failed_operation_count", failed_count_}});
  delete this;
}

}  // namespace tensord::server
