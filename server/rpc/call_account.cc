#include "server/rpc/call_account.h"

#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "server/rpc/caller.h"
#include "server/rpc/guarded.h"
#include "server/rpc/request_id.h"
#include "server/rpc/retry.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::chrono::milliseconds kDrainRetryDelay{1000};

// Whether a deadline that gRPC reports is one that the client sent.
bool IsSet(system_clock::time_point deadline) { return deadline < system_clock::now() + std::chrono::hours(24 * 365); }

}  // namespace

absl::Status Draining() {
  return RetryAfter(ErrorWithReason(absl::StatusCode::kUnavailable, "DRAINING",
                                    "the server is shutting down; try another one, or again later"),
                    kDrainRetryDelay);
}

CallAccount::CallAccount(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method)
    : environment_(environment), context_(context), method_(method) {
  const auto own = context_->deadline();
  has_own_deadline_ = IsSet(own);
  deadline_ = has_own_deadline_ ? own : system_clock::now() + environment_->settings().default_deadline;
  environment_->metrics().CallStarted(method_);
}

absl::Status CallAccount::Identify() {
  request_id_ = ChooseRequestId(FindHeader(*context_, kRequestIdHeader), FindHeader(*context_, "traceparent"));
  context_->AddInitialMetadata(kRequestIdHeader, request_id_);
  peer_ = PeerAddress(context_->peer());
  if (environment_->draining()) return Draining();
  std::string name;
  if (environment_->tokens() == nullptr) {
    name = ClientName(*context_, peer_);
  } else {
    TENSORD_ASSIGN_OR_RETURN(name, environment_->tokens()->Authenticate(FindHeader(*context_, "authorization")));
  }
  TENSORD_ASSIGN_OR_RETURN(lease_, environment_->clients().Enter(name, started_));
  return absl::OkStatus();
}

grpc::Status CallAccount::Refuse(const absl::Status& status) {
  try {
    code_ = status.code();
    reason_ = ReasonOf(status);
    if (const auto delay = RetryDelayOf(status); delay.has_value()) {
      context_->AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(delay->count()));
    }
    return ToGrpcStatus(status);
  } catch (const std::bad_alloc&) {
    code_ = absl::StatusCode::kResourceExhausted;
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no memory"};
  }
}

void CallAccount::Close(int64_t received_bytes, int64_t sent_bytes, std::vector<LogField> more) {
  const auto duration = steady_clock::now() - started_;
  static_cast<void>(Guard("recording the call", [&] {
    if (code_ != absl::StatusCode::kOk) environment_->metrics().CallRefused(reason_);
    if (environment_->log().enabled(LogLevel::kInfo)) WriteLog(duration, received_bytes, sent_bytes, std::move(more));
    return absl::OkStatus();
  }));
  environment_->metrics().CallFinished(method_, ToGrpcCode(code_), duration, received_bytes, sent_bytes);
}

void CallAccount::WriteLog(std::chrono::nanoseconds duration, int64_t received_bytes, int64_t sent_bytes,
                           std::vector<LogField> more) {
  std::vector<LogField> fields = {
      {"method", std::string(method_)},
      {"code", std::string(absl::StatusCodeToString(code_))},
      {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(duration).count()},
      {"received_bytes", received_bytes},
      {"sent_bytes", sent_bytes},
      {"client", client() == nullptr ? std::string() : client()->name()},
      {"peer", peer_},
      {"request_id", request_id_}};
  for (LogField& field : more) fields.push_back(std::move(field));
  if (!reason_.empty()) fields.push_back({"reason", reason_});
  environment_->log().Write(LogLevel::kInfo, "call", fields);
}

}  // namespace tensord::server
