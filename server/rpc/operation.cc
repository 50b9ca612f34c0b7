#include "server/rpc/operation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/rpc/freed_pieces.h"
#include "server/rpc/guarded.h"
#include "server/rpc/metered_executor.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

// Messages up to this size are decoded where they arrive: microseconds.
constexpr int64_t kInlineMessageBytes = 16 << 10;
// Work up to this long runs there too: a hand-off to the pool costs about as much.
constexpr double kInlineNs = 20'000;
// Decoding larger messages: nanoseconds per byte.
constexpr double kDecodeNsPerByte = 0.5;
// Elements exist as the message's fields and, where they were typed as numbers, as a tensor's elements.
constexpr int64_t kDecodedFactor = 2;
// An answer exists as a tensor, as a message's field and as bytes for the wire.
constexpr int64_t kAnswerFactor = 3;
constexpr std::chrono::milliseconds kTimerSlack{10};

}  // namespace

absl::Status CheckMessageSize(absl::string_view what, int64_t bytes, int64_t limit) {
  if (bytes <= limit) return absl::OkStatus();
  return compute::LimitError(
      "MESSAGE_TOO_LARGE", "",
      absl::StrCat("the ", what, " takes ", bytes, " bytes, a message may have ", limit, "; split the batch"));
}

void Operation::Start(std::shared_ptr<Client> client, TimePoint deadline) {
  client_ = std::move(client);
  deadline_ = deadline;
  request_bytes_ = static_cast<int64_t>(request_.Length());
  absl::Status status = Guard("taking in the request", [this] { return AdmitMessage(); });
  if (status.ok()) {
    const CostModel& model = environment_->cost_model(method_);
    // What has to wait, and may be refused, waits as it came: undecoded.
    const bool waits = model.usually_queued() && environment_->queue().full();
    if (request_bytes_ <= kInlineMessageBytes && !waits) return PrepareThenRun(false);
    const double expected_ns = kDecodeNsPerByte * static_cast<double>(request_bytes_) + model.mean_ns();
    status = Submit(&Operation::PrepareAndRunOnWorker, expected_ns);
  }
  if (!status.ok()) owner_->OnOperationDone(status);
}

absl::Status Operation::AdmitMessage() {
  TENSORD_RETURN_IF_ERROR(CheckMessageSize("request", request_bytes_, environment_->settings().max_message_bytes));
  // One that starts again has kept it.
  return environment_->memory().Reserve(request_bytes_ - memory_.amount(), memory_);
}

absl::Status Operation::PrepareAndReserve() {
  if (cancel_.cancelled()) return absl::CancelledError();
  TENSORD_ASSIGN_OR_RETURN(const int64_t decoded_bytes,
                           message_->DecodedBytes(request_, environment_->memory().limit()));
  TENSORD_RETURN_IF_ERROR(
      environment_->memory().Reserve(compute::SaturatingMultiply(decoded_bytes, kDecodedFactor), memory_));
  // A payload is one piece; what a message takes beyond its own bytes are the objects that its fields become.
  piece_bytes_ = decoded_bytes - request_bytes_;
  TENSORD_RETURN_IF_ERROR(message_->Prepare(request_, environment_->prepare_options()));
  const compute::Cost cost = message_->cost();
  TENSORD_RETURN_IF_ERROR(CheckMessageSize("answer", cost.result_bytes, environment_->settings().max_message_bytes));
  TENSORD_RETURN_IF_ERROR(
      environment_->memory().Reserve(compute::SaturatingMultiply(cost.result_bytes, kAnswerFactor), memory_));
  TENSORD_RETURN_IF_ERROR(environment_->multiplications().Reserve(cost.multiplication_count, multiplications_));
  if (charged_) return absl::OkStatus();
  TENSORD_RETURN_IF_ERROR(environment_->clients().Charge(*client_, cost.multiplication_count, steady_clock::now()));
  charged_ = true;
  return absl::OkStatus();
}

void Operation::PrepareThenRun(bool on_worker) {
  absl::Status status = Guard("checking the request", [this] { return PrepareAndReserve(); });
  if (!status.ok()) return owner_->OnOperationDone(status);
  CostModel& model = environment_->cost_model(method_);
  const double estimated_ns = message_->estimated_ns();
  const bool small = estimated_ns <= kInlineNs;
  model.ObserveQueued(on_worker || !small);
  if (on_worker) {
    environment_->queue().Charge(*client_, model.ExpectedNs(estimated_ns) - model.mean_ns());
    return RunOnWorker();
  }
  if (small) {
    compute::SerialExecutor serial;
    return owner_->OnOperationDone(RunOn(serial));
  }
  status = Submit(&Operation::RunOnWorker, model.ExpectedNs(estimated_ns));
  if (!status.ok()) owner_->OnOperationDone(status);
}

absl::Status Operation::Submit(void (Operation::*step)(), double expected_ns) {
  return Guard("queueing the request", [&] {
    owner_->BeforeQueueing();
    return environment_->queue().Submit({.client = client_,
                                         .expected_ns = expected_ns,
                                         .deadline = deadline_,
                                         .run = [this, step](const absl::Status& turn) {
                                           turn.ok() ? (this->*step)() : owner_->OnOperationDone(turn);
                                         }});
  });
}

void Operation::RunOnWorker() {
  const steady_clock::time_point began = steady_clock::now();
  MeteredExecutor executor(&environment_->pool(), &environment_->metrics());
  const absl::Status status = RunOn(executor);
  const double estimated_ns = message_->estimated_ns();
  if (status.ok() && estimated_ns > 0) {
    const std::chrono::duration<double, std::nano> took = steady_clock::now() - began;
    environment_->cost_model(method_).Observe(estimated_ns, took.count());
  }
  owner_->OnOperationDone(status);
}

absl::Status Operation::RunOn(compute::Executor& executor) {
  const compute::ScopedFloatingPointMode mode(compute::FloatingPointMode::Current().Flushing());
  return Guard("computing the answer", [&]() -> absl::Status {
    if (cancel_.cancelled()) return absl::CancelledError();
    // Only what runs needs it; what waits must not keep it from others.
    TENSORD_RETURN_IF_ERROR(environment_->memory().Reserve(message_->cost().scratch_bytes, memory_));
    TENSORD_RETURN_IF_ERROR(message_->Run({.executor = &executor, .cancel = &cancel_}, response_));
    // Typed elements can take more than the bytes that were foreseen.
    return CheckMessageSize("answer", static_cast<int64_t>(response_.Length()),
                            environment_->settings().max_message_bytes);
  });
}

void Operation::Conclude(bool ran) {
  response_bytes_ = static_cast<int64_t>(response_.Length());
  if (ran) {
    environment_->metrics().Add(Counter::kMultiplications, static_cast<double>(message_->cost().multiplication_count));
  }
  ReleaseMessage();
  // Before the request has come gRPC may still be writing to it.
  if (request_bytes_ > 0) request_.Clear();
  most_held_bytes_ = memory_.amount();
  memory_.ShrinkTo(response_bytes_);
  multiplications_.ShrinkTo(0);
}

void Operation::ReleaseMessage() {
  message_->Release();
  FreedPieces::OfProcess().Add(std::exchange(piece_bytes_, 0));
}

void Operation::Rest() {
  ReleaseMessage();
  response_.Clear();
  memory_.ShrinkTo(request_bytes_);
  multiplications_.ShrinkTo(0);
}

absl::Status Operation::Explain(const absl::Status& status, TimePoint deadline) const {
  if (status.code() != absl::StatusCode::kCancelled) return status;
  // gRPC's own timer may be some milliseconds early.
  if (expired_.load() || system_clock::now() + kTimerSlack >= deadline) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready; the work was stopped");
  }
  return absl::CancelledError("the call was cancelled; the work was stopped");
}

}  // namespace tensord::server
