#include "server/services/grading_stream.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "server/convert/grading_session.h"
#include "server/convert/request_errors.h"
#include "server/convert/status_convert.h"
#include "server/rpc/admission.h"
#include "server/rpc/retry.h"
#include "server/rpc/typed_message.h"
#include "tensord/compute/status_macros.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::server {

// What the messages of a stream share: the assignment's session, once the first message has been worked on.
struct GradingStreamState {
  std::mutex mutex;
  // Guarded by mutex.
  std::shared_ptr<const GradingSession> session;
  absl::Status failed;  // why there is no session, and will be none
  // What the session keeps, for as long as the stream lives.
  Budget::Reservation memory;
};

namespace {

using Request = v1::StreamGradeSubmissionsRequest;
using Response = v1::StreamGradeSubmissionsResponse;

constexpr std::chrono::milliseconds kAssignmentDelay{5};
constexpr double kSubmissionNs = 200'000;
constexpr double kNsPerByte = 20;
constexpr int64_t kMultiplications = int64_t{1} << 22;

class GradingMessage final : public StreamedMessage {
 public:
  GradingMessage(int64_t index, Budget* memory, std::shared_ptr<GradingStreamState> state)
      : index_(index), memory_(memory), state_(std::move(state)) {}

  [[nodiscard]] absl::StatusOr<int64_t> DecodedBytes(const grpc::ByteBuffer& request, int64_t limit) const override {
    return DecodedBytesOf<Request>(request, limit);
  }

  absl::Status Prepare(const grpc::ByteBuffer& request, const PrepareOptions& options) override {
    message_.emplace();
    TENSORD_RETURN_IF_ERROR(DecodeMessage(request, *message_));
    options_.emplace(options);
    RequestErrors errors;
    if (index_ == 0 && !message_->has_assignment()) {
      errors.AddViolation("assignment", "was not given, is required in the first message");
    }
    if (index_ != 0 && message_->has_assignment()) {
      errors.AddViolation("assignment", "was given, has to be in the first message only");
    }
    if (index_ != 0 && !message_->has_submission()) errors.AddViolation("submission", "was not given, is required");
    if (errors.ok()) {
      SetCost(static_cast<int64_t>(request.Length()));
      return absl::OkStatus();
    }
    const absl::Status status = errors.ToStatus();
    if (index_ == 0) Fail(status);
    return status;
  }
  [[nodiscard]] compute::Cost cost() const override { return cost_; }
  [[nodiscard]] double estimated_ns() const override { return estimated_ns_; }

  absl::Status Run(const compute::ExecutionContext& context, grpc::ByteBuffer& response) override {
    Response answer;
    answer.set_index(index_);
    if (index_ == 0) {
      const absl::Status made = MakeSession(context);
      if (!made.ok()) return made;
    }
    TENSORD_ASSIGN_OR_RETURN(const std::shared_ptr<const GradingSession> session, Session());
    EncodeFaults(session->faults(), *answer.mutable_faults());
    if (session->faults().empty() && message_->has_submission()) {
      absl::StatusOr<v1::GradedSubmission> graded = session->Grade(message_->submission(), context);
      if (absl::IsInvalidArgument(graded.status())) {
        // The others are graded all the same.
        answer.set_error(std::string(graded.status().message()));
      } else {
        TENSORD_ASSIGN_OR_RETURN(*answer.mutable_graded(), std::move(graded));
      }
    }
    return Encode(answer, response);
  }

  absl::Status EncodeError(const absl::Status& status, grpc::ByteBuffer& response) override {
    if (index_ == 0) Fail(status);
    Response answer;
    answer.set_index(index_);
    answer.set_error(ToRpcStatus(status).message());
    response.Clear();
    return Encode(answer, response);
  }

  void Release() override { message_.reset(); }

 private:
  static absl::Status Encode(Response& answer, grpc::ByteBuffer& response) {
    AttachedTensors none;
    return EncodeMessage(answer, none, response);
  }

  void SetCost(int64_t bytes) {
    // The first one makes the session, which needs a step's scratch; others compute what slips give.
    const int64_t own = index_ == 0 ? GradingAllowance::For(message_->assignment()).run_bytes : kSubmissionBytes;
    cost_.scratch_bytes = compute::SaturatingAdd(own, compute::SaturatingMultiply(bytes, 4));
    cost_.multiplication_count = kMultiplications;
    estimated_ns_ = kSubmissionNs + kNsPerByte * static_cast<double>(bytes);
  }

  absl::Status MakeSession(const compute::ExecutionContext& context) {
    const int64_t kept = GradingAllowance::For(message_->assignment()).kept_bytes() +
                         2 * static_cast<int64_t>(message_->assignment().ByteSizeLong());
    const std::lock_guard<std::mutex> lock(state_->mutex);
    if (state_->session != nullptr) return absl::OkStatus();
    if (state_->memory.amount() == 0) TENSORD_RETURN_IF_ERROR(memory_->Reserve(kept, state_->memory));
    TENSORD_ASSIGN_OR_RETURN(state_->session, GradingSession::Create(message_->assignment(), *options_, context));
    return absl::OkStatus();
  }

  // The session; with the advice to come back where the first message is still worked on.
  absl::StatusOr<std::shared_ptr<const GradingSession>> Session() {
    // Who holds the lock for long is making the session.
    const std::unique_lock<std::mutex> lock(state_->mutex, std::try_to_lock);
    if (lock.owns_lock() && state_->session != nullptr) return state_->session;
    if (lock.owns_lock() && !state_->failed.ok()) return state_->failed;
    return RetryAfter(absl::UnavailableError("the assignment is still being read"), kAssignmentDelay);
  }

  void Fail(const absl::Status& status) {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    if (state_->session == nullptr) {
      state_->failed =
          absl::FailedPreconditionError(std::string("the stream's first message has no assignment that can be used: ") +
                                        std::string(status.message()));
    }
  }

  // What a submission may take besides its message: a slip's computation, as for the smallest assignment.
  static constexpr int64_t kSubmissionBytes = int64_t{24} << 20;

  const int64_t index_;
  Budget* const memory_;
  const std::shared_ptr<GradingStreamState> state_;
  std::optional<Request> message_;
  std::optional<PrepareOptions> options_;
  compute::Cost cost_;
  double estimated_ns_ = 0;
};

}  // namespace

std::unique_ptr<StreamedMessage> MakeGradingMessage::operator()(int64_t index) {
  if (state_ == nullptr) state_ = std::make_shared<GradingStreamState>();
  return std::make_unique<GradingMessage>(index, memory_, state_);
}

}  // namespace tensord::server
