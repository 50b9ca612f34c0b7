#include "server/rpc/call.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "server/rpc/caller.h"
#include "server/rpc/guarded.h"
#include "server/rpc/metered_executor.h"
#include "server/rpc/request_id.h"
#include "server/rpc/retry.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

// Messages up to this size are decoded on gRPC's thread: microseconds.
constexpr int64_t kInlineMessageBytes = 16 << 10;
// Work up to this long runs there too: a hand-off to the pool costs about as much.
constexpr double kInlineNs = 20'000;
// Decoding larger messages: nanoseconds per byte.
constexpr double kDecodeNsPerByte = 0.5;
// Elements exist as the message's fields and, where they were typed as numbers, as a tensor's elements.
constexpr int64_t kDecodedFactor = 2;
// An answer exists as a tensor, as a message's field and as bytes for the wire.
constexpr int64_t kAnswerFactor = 3;
constexpr std::chrono::milliseconds kDrainRetryDelay{1000};
constexpr std::chrono::milliseconds kTimerSlack{10};
constexpr std::chrono::milliseconds kEarly{5};

// Whether a deadline that gRPC reports is one that the client sent.
bool IsSet(system_clock::time_point deadline) { return deadline < system_clock::now() + std::chrono::hours(24 * 365); }

absl::Status CheckMessageSize(absl::string_view what, int64_t bytes, int64_t limit) {
  if (bytes <= limit) return absl::OkStatus();
  return compute::LimitError(
      "MESSAGE_TOO_LARGE", "",
      absl::StrCat("the ", what, " takes ", bytes, " bytes, a message may have ", limit, "; split the batch"));
}

}  // namespace

struct Call::DeadlineLink {
  // Recursive, as gRPC may end the call within TryCancel, on this thread.
  std::recursive_mutex mutex;
  Call* call = nullptr;  // guarded by mutex; null once gRPC is done with the call
};

Call::Call(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method)
    : environment_(environment), context_(context), method_(method) {
  const auto own = context_->deadline();
  deadline_ = IsSet(own) ? own : system_clock::now() + environment_->settings().default_deadline;
  environment_->Register(this);
  environment_->metrics().CallStarted(method_);
}

Call::~Call() { environment_->Unregister(this); }

void Call::Start() {
  refusal_ = Guard("beginning the call", [this] { return Identify(); });
  // Nothing is read of strangers. Others are refused when their message is there, unread: a proxy that still sends it
  // (haproxy 2.6, for one) takes an answer before its end for a broken stream, and the client would not get it.
  if (refusal_.code() == absl::StatusCode::kUnauthenticated) return FinishWith(refusal_);
  awaits_message_.store(true);
  // gRPC runs nothing of this call before Start has returned: neither the read nor the alarm can end it here.
  StartRead(&request_);
  if (IsSet(context_->deadline())) return;  // gRPC itself ends a call whose client sent one
  static_cast<void>(Guard("setting the deadline", [this] {
    ArmDeadline();
    return absl::OkStatus();
  }));
}

absl::Status Call::Identify() {
  request_id_ = ChooseRequestId(FindHeader(*context_, kRequestIdHeader), FindHeader(*context_, "traceparent"));
  context_->AddInitialMetadata(kRequestIdHeader, request_id_);
  peer_ = PeerAddress(context_->peer());
  if (environment_->draining()) {
    return RetryAfter(ErrorWithReason(absl::StatusCode::kUnavailable, "DRAINING",
                                      "the server is shutting down; try another one, or again later"),
                      kDrainRetryDelay);
  }
  std::string name;
  if (environment_->tokens() == nullptr) {
    name = ClientName(*context_, peer_);
  } else {
    TENSORD_ASSIGN_OR_RETURN(name, environment_->tokens()->Authenticate(FindHeader(*context_, "authorization")));
  }
  TENSORD_ASSIGN_OR_RETURN(lease_, environment_->clients().Enter(name, started_));
  // Before the message is read where it is known to be in vain.
  if (!environment_->cost_model(method_).usually_queued()) return absl::OkStatus();
  return environment_->queue().CheckRoom(*lease_.client());
}

void Call::OnReadDone(bool ok) {
  if (!awaits_message_.exchange(false)) return;  // the deadline has ended the call
  if (!ok) {
    if (cancel_.cancelled() || context_->IsCancelled()) return FinishWith(absl::CancelledError());
    return FinishWith(ErrorWithReason(absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
                                      "the call ended before its request message was complete"));
  }
  request_bytes_ = static_cast<int64_t>(request_.Length());
  if (!refusal_.ok()) return FinishWith(refusal_);
  absl::Status status = Guard("taking in the request", [this] { return AdmitMessage(); });
  if (status.ok()) {
    const CostModel& model = environment_->cost_model(method_);
    // What has to wait, and may be refused, waits as it came: undecoded.
    const bool waits = model.usually_queued() && environment_->queue().full();
    if (request_bytes_ <= kInlineMessageBytes && !waits) return PrepareThenRun(false);
    const double expected_ns = kDecodeNsPerByte * static_cast<double>(request_bytes_) + model.mean_ns();
    status = Submit(&Call::PrepareAndRunOnWorker, expected_ns);
  }
  if (!status.ok()) FinishWith(status);
}

absl::Status Call::AdmitMessage() {
  TENSORD_RETURN_IF_ERROR(CheckMessageSize("request", request_bytes_, environment_->settings().max_message_bytes));
  return environment_->memory().Reserve(request_bytes_, memory_);
}

absl::Status Call::PrepareAndReserve() {
  if (cancel_.cancelled()) return absl::CancelledError();
  TENSORD_ASSIGN_OR_RETURN(const int64_t decoded_bytes, DecodedBytes(request_, environment_->memory().limit()));
  TENSORD_RETURN_IF_ERROR(
      environment_->memory().Reserve(compute::SaturatingMultiply(decoded_bytes, kDecodedFactor), memory_));
  TENSORD_RETURN_IF_ERROR(Prepare(request_, environment_->prepare_options()));
  TENSORD_RETURN_IF_ERROR(CheckMessageSize("answer", cost().result_bytes, environment_->settings().max_message_bytes));
  TENSORD_RETURN_IF_ERROR(
      environment_->memory().Reserve(compute::SaturatingMultiply(cost().result_bytes, kAnswerFactor), memory_));
  TENSORD_RETURN_IF_ERROR(environment_->multiplications().Reserve(cost().multiplication_count, multiplications_));
  return environment_->clients().Charge(*lease_.client(), cost().multiplication_count, steady_clock::now());
}

void Call::PrepareThenRun(bool on_worker) {
  absl::Status status = Guard("checking the request", [this] { return PrepareAndReserve(); });
  if (!status.ok()) return FinishWith(status);
  CostModel& model = environment_->cost_model(method_);
  const bool small = estimated_ns() <= kInlineNs;
  model.ObserveQueued(on_worker || !small);
  if (on_worker) {
    environment_->queue().Charge(*lease_.client(), model.ExpectedNs(estimated_ns()) - model.mean_ns());
    return RunOnWorker();
  }
  if (small) {
    compute::SerialExecutor serial;
    return FinishWith(RunOn(serial));
  }
  status = Submit(&Call::RunOnWorker, model.ExpectedNs(estimated_ns()));
  if (!status.ok()) FinishWith(status);
}

absl::Status Call::Submit(void (Call::*step)(), double expected_ns) {
  return Guard("queueing the request", [&] {
    ArmDeadline();
    return environment_->queue().Submit(
        {.client = lease_.client(),
         .expected_ns = expected_ns,
         .deadline = deadline_,
         .run = [this, step](const absl::Status& turn) { turn.ok() ? (this->*step)() : FinishWith(turn); }});
  });
}

void Call::RunOnWorker() {
  const steady_clock::time_point began = steady_clock::now();
  MeteredExecutor executor(&environment_->pool(), &environment_->metrics());
  const absl::Status status = RunOn(executor);
  if (status.ok() && estimated_ns() > 0) {
    const std::chrono::duration<double, std::nano> took = steady_clock::now() - began;
    environment_->cost_model(method_).Observe(estimated_ns(), took.count());
  }
  FinishWith(status);
}

absl::Status Call::RunOn(compute::Executor& executor) {
  const compute::ScopedFloatingPointMode mode(compute::FloatingPointMode::Current().Flushing());
  return Guard("computing the answer", [&]() -> absl::Status {
    if (cancel_.cancelled()) return absl::CancelledError();
    // Only what runs needs it; what waits must not keep it from others.
    TENSORD_RETURN_IF_ERROR(environment_->memory().Reserve(cost().scratch_bytes, memory_));
    TENSORD_RETURN_IF_ERROR(Run({.executor = &executor, .cancel = &cancel_}, response_));
    // Typed elements can take more than the bytes that were foreseen.
    return CheckMessageSize("answer", static_cast<int64_t>(response_.Length()),
                            environment_->settings().max_message_bytes);
  });
}

void Call::ArmDeadline() {
  if (alarm_.has_value()) return;
  deadline_link_ = std::make_shared<DeadlineLink>();
  deadline_link_->call = this;
  alarm_.emplace();
  // A little early: at the deadline itself gRPC resets the stream, and the client would be told of a cancelled call.
  const system_clock::duration left = deadline_ - system_clock::now();
  alarm_->Set(deadline_ - std::min<system_clock::duration>(kEarly, left / 10), [link = deadline_link_](bool expired) {
    const std::lock_guard lock(link->mutex);
    if (expired && link->call != nullptr) link->call->OnDeadline();
  });
}

void Call::OnDeadline() {
  deadline_passed_.store(true);
  cancel_.Cancel();
  if (awaits_message_.exchange(false)) return FinishWith(absl::CancelledError());
  // An answer that its client does not read would keep its memory for as long as the connection lives. Where the client
  // sent the deadline, gRPC itself ends the call.
  if (finishing_.load() && !IsSet(context_->deadline())) context_->TryCancel();
}

absl::Status Call::Explain(absl::Status status) const {
  if (status.code() != absl::StatusCode::kCancelled) return status;
  // gRPC's own timer may be some milliseconds early.
  if (deadline_passed_.load() || system_clock::now() + kTimerSlack >= deadline_) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready; the work was stopped");
  }
  return absl::CancelledError("the call was cancelled; the work was stopped");
}

void Call::FinishWith(const absl::Status& status) {
  if (status.ok()) {
    response_bytes_ = static_cast<int64_t>(response_.Length());
    environment_->metrics().Add(Counter::kMultiplications, static_cast<double>(cost().multiplication_count));
  }
  // Only the answer is left to be sent, and its client may take long to read it. (Before the request has come gRPC may
  // still be writing to it.)
  Release();
  if (request_bytes_ > 0) request_.Clear();
  memory_.ShrinkTo(response_bytes_);
  multiplications_.ShrinkTo(0);
  // Nothing of this call may be touched after its last operation has begun: OnDone may have deleted it.
  finishing_.store(true);
  if (status.ok()) {
    code_ = absl::StatusCode::kOk;
    return StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }
  Finish(Refuse(status));
}

grpc::Status Call::Refuse(const absl::Status& status) {
  try {
    const absl::Status explained = Explain(status);
    code_ = explained.code();
    reason_ = ReasonOf(explained);
    if (const auto delay = RetryDelayOf(explained); delay.has_value()) {
      context_->AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(delay->count()));
    }
    return ToGrpcStatus(explained);
  } catch (const std::bad_alloc&) {
    code_ = absl::StatusCode::kResourceExhausted;
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no memory"};
  }
}

void Call::OnDone() {
  if (alarm_.has_value()) {
    {
      const std::lock_guard lock(deadline_link_->mutex);
      deadline_link_->call = nullptr;
    }
    alarm_->Cancel();
  }
  // Only now has the answer left: what counts calls in flight, and the memory that they hold, counts this one until
  // here.
  const auto duration = steady_clock::now() - started_;
  static_cast<void>(Guard("recording the call", [&] {
    Record(duration);
    return absl::OkStatus();
  }));
  environment_->metrics().CallFinished(method_, ToGrpcCode(code_), duration, request_bytes_, response_bytes_);
  delete this;
}

void Call::Record(std::chrono::nanoseconds duration) {
  if (code_ != absl::StatusCode::kOk) environment_->metrics().CallRefused(reason_);
  if (!environment_->log().enabled(LogLevel::kInfo)) return;
  const std::shared_ptr<Client>& client = lease_.client();
  std::vector<LogField> fields = {
      {"method", std::string(method_)},
      {"code", std::string(absl::StatusCodeToString(code_))},
      {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(duration).count()},
      {"received_bytes", request_bytes_},
      {"sent_bytes", response_bytes_},
      {"client", client == nullptr ? std::string() : client->name()},
      {"peer", peer_},
      {"request_id", request_id_}};
  if (!reason_.empty()) fields.push_back({"reason", reason_});
  environment_->log().Write(LogLevel::kInfo, "call", fields);
}

}  // namespace tensord::server
