#include "client/cpp/src/resumed_stream.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/src/shared_message.h"
#include "client/cpp/src/status_convert.h"
#include "tensord/client/errors.h"

namespace tensord::client {
namespace {

using std::chrono::milliseconds;

constexpr char kMethod[] = "/tensord.v1.TensorService/StreamCompute";
constexpr milliseconds kNever = std::chrono::hours(24 * 365 * 200);  // the registry sets no deadline so far away
constexpr milliseconds kLongestPause{30'000};                        // whatever the server wishes

}  // namespace

// The registry owns it until OnDone. A hold keeps gRPC from ending it while Send may still write.
struct ResumedStream::Attempt final : Call, grpc::ClientBidiReactor<grpc::ByteBuffer, v1::StreamComputeResponse> {
  explicit Attempt(ResumedStream* a_stream) : stream(a_stream) {}

  void OnReadDone(bool ok) override {
    if (!ok) return stream->OnReadsEnded();
    stream->OnRead(std::move(response));
    response.Clear();
    StartRead(&response);
  }
  void OnWriteDone(bool ok) override { stream->OnWritten(ok); }
  void OnDone(const grpc::Status& status) override {
    CallRegistry* const calls = stream->calls_;
    stream->OnAttemptDone(status);
    calls->End(this);
  }

  ResumedStream* const stream;
  v1::StreamComputeResponse response;
  // Guarded by the stream's mutex.
  std::optional<grpc::ByteBuffer> writing;  // its answer may come before gRPC lets go of it
  int64_t written = 0;
  bool open = true;  // for writes; while it is, there is the hold
};

ResumedStream::ResumedStream(const std::shared_ptr<grpc::Channel>& channel, CallRegistry* calls,
                             int64_t max_message_bytes, StreamOptions options, OnAnswer on_answer)
    : stub_(channel),
      calls_(calls),
      max_message_bytes_(max_message_bytes),
      options_(std::move(options)),
      on_answer_(std::move(on_answer)) {
  calls_->StreamBegins();
}

ResumedStream::~ResumedStream() {
  if (calls_->InCallback()) {
    std::fputs("tensord: a stream was destroyed by a callback of its client\n", stderr);
    std::abort();
  }
  Lock lock(mutex_);
  cancelled_ = true;
  if (!ended_ && attempt_ == nullptr && !alarm_is_set_) {
    End(std::move(lock), absl::CancelledError("the stream was destroyed"));
    lock = Lock(mutex_);
  }
  if (alarm_is_set_) alarm_->Cancel();
  if (std::shared_ptr<Attempt> attempt = attempt_; attempt != nullptr) {
    lock.unlock();
    attempt->context.TryCancel();
    attempt.reset();
    lock.lock();
  }
  changed_.wait(lock, [this] { return done_; });
  lock.unlock();
  calls_->StreamEnds();
}

bool ResumedStream::HasRoomFor(int64_t bytes) const {
  if (count_ == 0) return true;
  return count_ < options_.max_unanswered_count && bytes <= options_.max_unanswered_bytes - bytes_;
}

absl::Status ResumedStream::Send(v1::StreamComputeRequest request) {
  if (calls_->InCallback()) return absl::FailedPreconditionError("Send was called in a callback, and might block it");
  const uint64_t user_id = request.id();
  request.set_id(~uint64_t{0});  // the longest
  const auto bytes = static_cast<int64_t>(request.ByteSizeLong());
  if (bytes > max_message_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the request has ", bytes, " bytes, and may have ", max_message_bytes_));
  }
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || finishing_ || HasRoomFor(bytes); });
  if (ended_ && !final_.ok()) return final_;
  if (finishing_) return absl::FailedPreconditionError("Send was called after Finish");
  const uint64_t key = next_key_;
  request.set_id(key);
  absl::StatusOr<grpc::ByteBuffer> encoded =
      EncodeShared(std::make_shared<const v1::StreamComputeRequest>(std::move(request)));
  if (!encoded.ok()) return encoded.status();
  ++next_key_;
  unanswered_.emplace(key, Unanswered{*std::move(encoded), user_id, bytes, /*index=*/-1});
  ++count_;
  bytes_ += bytes;
  if (attempt_ == nullptr && !alarm_is_set_) BeginAttempt();
  Pump();
  return absl::OkStatus();
}

absl::Status ResumedStream::Finish() {
  if (calls_->InCallback()) return absl::FailedPreconditionError("Finish was called in a callback");
  Lock lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
  if (!ended_ && attempt_ == nullptr && !alarm_is_set_) {
    End(std::move(lock), absl::OkStatus());
    lock = Lock(mutex_);
  }
  Pump();
  changed_.wait(lock, [this] { return done_; });
  return final_;
}

void ResumedStream::BeginAttempt() {
  auto attempt = std::make_shared<Attempt>(this);
  CallOptions call = options_.call;
  call.deadline = kNever;
  if (options_.call.deadline.has_value() && *options_.call.deadline < kNever) {
    call.deadline = *options_.call.deadline - std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
  }
  calls_->Begin(attempt, call);
  for (auto& [key, operation] : unanswered_) operation.index = -1;
  next_write_ = unanswered_.empty() ? next_key_ : unanswered_.begin()->first;
  stub_.PrepareBidiStreamingCall(&attempt->context, kMethod, {}, attempt.get());
  attempt->AddHold();
  attempt->StartRead(&attempt->response);
  attempt->StartCall();
  attempt_ = std::move(attempt);
}

void ResumedStream::Pump() {
  if (attempt_ == nullptr || !attempt_->open || attempt_->writing.has_value()) return;
  const auto next = unanswered_.lower_bound(next_write_);
  if (next != unanswered_.end()) {
    next->second.index = attempt_->written++;
    next_write_ = next->first + 1;
    attempt_->writing = next->second.request;
    attempt_->StartWrite(&*attempt_->writing);
  } else if (finishing_) {
    attempt_->StartWritesDone();
    StopWriting();
  }
}

void ResumedStream::StopWriting() {
  if (std::exchange(attempt_->open, false)) attempt_->RemoveHold();
}

void ResumedStream::OnWritten(bool ok) {
  const Lock lock(mutex_);
  attempt_->writing.reset();
  if (!ok) StopWriting();
  Pump();
}

void ResumedStream::OnReadsEnded() {
  const Lock lock(mutex_);
  StopWriting();
}

ResumedStream::Table::iterator ResumedStream::Find(const v1::StreamComputeResponse& response) {
  auto found = unanswered_.find(response.id());
  if (response.id() == 0) {
    found = std::find_if(unanswered_.begin(), unanswered_.end(),
                         [&](const auto& entry) { return entry.second.index == response.index(); });
  }
  return found != unanswered_.end() && found->second.index >= 0 ? found : unanswered_.end();
}

void ResumedStream::OnRead(v1::StreamComputeResponse response) {
  Lock lock(mutex_);
  const auto found = Find(response);
  if (found == unanswered_.end()) return;  // an answer to nothing that was asked
  failures_ = 0;
  Deliver(lock, found, std::move(response));
}

void ResumedStream::Deliver(Lock& lock, Table::iterator place, v1::StreamComputeResponse response) {
  response.set_id(place->second.user_id);
  response.set_index(static_cast<int64_t>(place->first) - 1);
  const int64_t bytes = place->second.bytes;
  unanswered_.erase(place);
  lock.unlock();
  calls_->RunCallback([&] { on_answer_(std::move(response)); });
  lock.lock();
  --count_;
  bytes_ -= bytes;
  changed_.notify_all();
}

void ResumedStream::OnAttemptDone(const grpc::Status& grpc_status) {
  Lock lock(mutex_);
  attempt_.reset();
  if (cancelled_) return End(std::move(lock), absl::CancelledError("the stream was destroyed"));
  if (unanswered_.empty() && finishing_) return End(std::move(lock), absl::OkStatus());
  const absl::Status status = FromGrpcStatus(grpc_status);
  if (!status.ok() && !absl::IsUnavailable(status)) return End(std::move(lock), status);
  // The next Send begins anew.
  if (unanswered_.empty()) return;
  if (status.ok()) return End(std::move(lock), absl::InternalError("the server ended the stream without all answers"));
  if (++failures_ >= options_.retry->max_attempts) return End(std::move(lock), status);
  alarm_is_set_ = true;
  alarm_.emplace();
  alarm_->Set(std::chrono::system_clock::now() + Pause(status), [this](bool /*ok*/) { OnAlarm(); });
}

milliseconds ResumedStream::Pause(const absl::Status& status) const {
  if (const auto wish = RetryInfoOf(status); wish.has_value() && wish->has_retry_delay()) {
    const int64_t seconds = std::clamp<int64_t>(wish->retry_delay().seconds(), 0, kLongestPause.count());
    const milliseconds pause{seconds * 1'000 + std::clamp(wish->retry_delay().nanos(), 0, 999'999'999) / 1'000'000};
    return std::min(pause, kLongestPause);
  }
  const RetryOptions& retry = *options_.retry;
  auto pause = static_cast<double>(retry.initial_backoff.count());
  for (int i = 1; i < failures_; ++i) pause = std::min(2 * pause, static_cast<double>(retry.max_backoff.count()));
  std::random_device entropy;
  pause *= 0.8 + 0.4 * (static_cast<double>(entropy() - std::random_device::min()) /
                        (static_cast<double>(std::random_device::max()) + 1));
  return milliseconds(static_cast<int64_t>(std::clamp(pause, 0.0, static_cast<double>(kLongestPause.count()))));
}

void ResumedStream::OnAlarm() {
  Lock lock(mutex_);
  alarm_is_set_ = false;
  if (cancelled_) return End(std::move(lock), absl::CancelledError("the stream was destroyed"));
  BeginAttempt();
  Pump();
}

void ResumedStream::End(Lock lock, const absl::Status& status) {
  ended_ = true;
  final_ = status;
  changed_.notify_all();
  while (!unanswered_.empty()) {
    v1::StreamComputeResponse response;
    *response.mutable_error() = ToRpcStatus(status);
    Deliver(lock, unanswered_.begin(), std::move(response));
  }
  done_ = true;
  changed_.notify_all();
}

}  // namespace tensord::client
