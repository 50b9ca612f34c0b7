#include "server/rpc/call.h"

#include <exception>
#include <functional>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// Messages up to this size are decoded on gRPC's thread: microseconds.
constexpr int64_t kInlineMessageBytes = 16 << 10;
// Work up to this long runs there too: a hand-off to the pool costs about as much.
constexpr double kInlineNs = 20'000;
// Memory that decoding takes, per byte of the message: the bytes themselves as gRPC holds them, and as fields.
constexpr int64_t kDecodeFactor = 3;
// An answer exists as a tensor, as a message's field and as bytes for the wire.
constexpr int64_t kAnswerFactor = 3;
constexpr std::chrono::milliseconds kQueueRetryDelay{50};
constexpr std::chrono::milliseconds kDrainRetryDelay{1000};

// Whether a deadline that gRPC reports is one that the client sent.
bool IsSet(std::chrono::system_clock::time_point deadline) {
  return deadline < std::chrono::system_clock::now() + std::chrono::hours(24 * 365);
}

absl::Status CheckMessageSize(absl::string_view what, int64_t bytes, int64_t limit) {
  if (bytes <= limit) return absl::OkStatus();
  return compute::LimitError(
      "MESSAGE_TOO_LARGE", "",
      absl::StrCat("the ", what, " takes ", bytes, " bytes, a message may have ", limit, "; split the batch"));
}

}  // namespace

CallEnvironment::CallEnvironment(const Settings* settings, compute::ThreadPool* pool, Metrics* metrics, Log* log)
    : settings_(settings), pool_(pool), metrics_(metrics), log_(log), memory_(settings->memory_budget_bytes) {}

PrepareOptions CallEnvironment::prepare_options() const {
  return {.limits = {.max_tensor_bytes = settings_->max_tensor_bytes,
                     .max_multiplication_count = settings_->max_multiplications},
          .thread_count = pool_->thread_count(),
          .settings = settings_};
}

void CallEnvironment::Register(Call* call) {
  const std::lock_guard lock(mutex_);
  calls_.insert(call);
}

void CallEnvironment::Unregister(Call* call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
}

void CallEnvironment::CancelAll() {
  const std::lock_guard lock(mutex_);
  for (Call* call : calls_) call->Cancel();
}

struct Call::DeadlineLink {
  std::mutex mutex;
  compute::CancelFlag* flag = nullptr;  // guarded by mutex; null once the call has finished
};

Call::Call(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method,
           const grpc::ByteBuffer* request, grpc::ByteBuffer* response)
    : environment_(environment),
      context_(context),
      method_(method),
      request_(request),
      response_(response),
      request_bytes_(static_cast<int64_t>(request->Length())) {
  environment_->Register(this);
  environment_->metrics().CallStarted(method_);
}

Call::~Call() { environment_->Unregister(this); }

void Call::OnDone() {
  // Only now has the answer left: what counts calls in flight, and the memory that they hold, counts this one until
  // here.
  const auto duration = std::chrono::steady_clock::now() - started_;
  environment_->metrics().CallFinished(method_, ToGrpcCode(code_), duration, request_bytes_, response_bytes_);
  environment_->log().Write(LogLevel::kInfo, "call",
                            {{"method", std::string(method_)},
                             {"code", std::string(absl::StatusCodeToString(code_))},
                             {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(duration).count()},
                             {"received_bytes", request_bytes_},
                             {"sent_bytes", response_bytes_}});
  delete this;
}

void Call::Start() {
  const absl::Status status = Begin();
  if (!status.ok()) return FinishWith(status);
  if (request_bytes_ <= kInlineMessageBytes) return PrepareThenRun(false);
  const absl::Status submitted = Submit(&Call::PrepareAndRunOnWorker);
  if (!submitted.ok()) FinishWith(submitted);
}

absl::Status Call::Begin() {
  if (environment_->draining()) {
    return WithRetry(ErrorWithReason(absl::StatusCode::kUnavailable, "DRAINING",
                                     "the server is shutting down; try another one, or again later"),
                     kDrainRetryDelay);
  }
  TENSORD_RETURN_IF_ERROR(CheckMessageSize("request", request_bytes_, environment_->settings().max_message_bytes));
  return environment_->memory().Reserve(compute::SaturatingMultiply(request_bytes_, kDecodeFactor), reservation_);
}

void Call::PrepareThenRun(bool on_worker) {
  const auto step = [&]() -> absl::Status {
    if (cancel_.cancelled()) return absl::CancelledError("the call ended while it waited for a worker");
    TENSORD_RETURN_IF_ERROR(Prepare(*request_, environment_->prepare_options()));
    TENSORD_RETURN_IF_ERROR(
        CheckMessageSize("answer", cost().result_bytes, environment_->settings().max_message_bytes));
    const int64_t bytes =
        compute::SaturatingAdd(cost().scratch_bytes, compute::SaturatingMultiply(cost().result_bytes, kAnswerFactor));
    return environment_->memory().Reserve(bytes, reservation_);
  };
  absl::Status status;
  try {
    status = step();
  } catch (const std::bad_alloc&) {
    status = compute::LimitError("OUT_OF_MEMORY", "", "no memory to decode the request");
  } catch (const std::exception& exception) {
    status = absl::InternalError(absl::StrCat("checking the request failed: ", exception.what()));
  }
  if (!status.ok()) return FinishWith(Explain(status));
  if (on_worker) return RunOnWorker();
  if (estimated_ns() <= kInlineNs) {
    compute::SerialExecutor serial;
    return FinishWith(Explain(RunGuarded(serial)));
  }
  const absl::Status submitted = Submit(&Call::RunOnWorker);
  if (!submitted.ok()) FinishWith(submitted);
}

absl::Status Call::Submit(void (Call::*step)()) {
  ArmDeadline();
  std::function<void()> task = [this, step] { (this->*step)(); };
  if (environment_->pool().TrySubmit(task)) return absl::OkStatus();
  return WithRetry(compute::LimitError("OVERLOADED", "",
                                       absl::StrCat("all ", environment_->settings().threads, " workers are busy and ",
                                                    environment_->settings().queue, " requests wait; try again later")),
                   kQueueRetryDelay);
}

void Call::RunOnWorker() { FinishWith(Explain(RunGuarded(environment_->pool()))); }

absl::Status Call::RunGuarded(compute::Executor& executor) {
  try {
    if (cancel_.cancelled()) return absl::CancelledError("the call ended while it waited for a worker");
    TENSORD_RETURN_IF_ERROR(Run({.executor = &executor, .cancel = &cancel_}, *response_));
    // Typed elements can take more than the bytes that were foreseen.
    return CheckMessageSize("answer", static_cast<int64_t>(response_->Length()),
                            environment_->settings().max_message_bytes);
  } catch (const std::bad_alloc&) {
    return compute::LimitError("OUT_OF_MEMORY", "", "no memory to compute the answer");
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat("computing the answer failed: ", exception.what()));
  }
}

void Call::ArmDeadline() {
  if (alarm_.has_value()) return;
  const auto own = context_->deadline();
  deadline_ = IsSet(own) ? own : std::chrono::system_clock::now() + environment_->settings().default_deadline;
  deadline_link_ = std::make_shared<DeadlineLink>();
  deadline_link_->flag = &cancel_;
  alarm_.emplace();
  alarm_->Set(deadline_, [link = deadline_link_](bool expired) {
    const std::lock_guard lock(link->mutex);
    if (expired && link->flag != nullptr) link->flag->Cancel();
  });
}

absl::Status Call::Explain(absl::Status status) const {
  if (status.code() != absl::StatusCode::kCancelled) return status;
  if (alarm_.has_value() && std::chrono::system_clock::now() >= deadline_) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready; the work was stopped");
  }
  return absl::CancelledError("the call was cancelled; the work was stopped");
}

void Call::FinishWith(const absl::Status& status) {
  if (alarm_.has_value()) {
    {
      const std::lock_guard lock(deadline_link_->mutex);
      deadline_link_->flag = nullptr;
    }
    alarm_->Cancel();
  }
  if (status.ok()) response_bytes_ = static_cast<int64_t>(response_->Length());
  const grpc::Status answer = ToGrpcStatus(status);
  if (const auto delay = RetryDelayOf(status); delay.has_value()) {
    context_->AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(delay->count()));
  }
  code_ = status.code();
  // What is left until the answer has been sent.
  reservation_.ShrinkTo(compute::SaturatingAdd(request_bytes_, response_bytes_));
  // Nothing of this call may be touched afterwards: OnDone may have deleted it.
  Finish(answer);
}

}  // namespace tensord::server
