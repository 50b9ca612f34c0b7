#include "client/load/verdict.h"

#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tensord::load {
namespace {

grpc::Status Refusal(grpc::StatusCode code, const std::string& reason, bool retry) {
  google::rpc::Status details;
  details.set_code(code);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  details.add_details()->PackFrom(info);
  if (retry) details.add_details()->PackFrom(google::rpc::RetryInfo());
  return {code, "refused", details.SerializeAsString()};
}

Kind GoodKind() { return {.name = "good", .expected = {"OK"}}; }
Kind BadKind() { return {.name = "bad", .hostile = true, .expected = {"INVALID_ARGUMENT INVALID_REQUEST"}}; }

Verdict JudgeStatus(const Kind& kind, const grpc::Status& status, Accepted accepted = {}) {
  return status.ok() ? JudgeOk(kind) : Judge(kind, Explain(status), accepted);
}

TEST(VerdictTest, ExplainReadsReasonAndRetryInfo) {
  const Failure failure = Explain(Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", true));
  EXPECT_EQ(failure.label, "RESOURCE_EXHAUSTED OVERLOADED");
  EXPECT_TRUE(failure.has_retry_info);
  EXPECT_EQ(Explain({grpc::StatusCode::UNAVAILABLE, "gone"}).label, "UNAVAILABLE");
  EXPECT_EQ(Explain({grpc::StatusCode::INTERNAL, "odd", "no details"}).label, "INTERNAL");
}

TEST(VerdictTest, GoodCalls) {
  const Accepted all{.refusals = true, .deadline = true};
  const grpc::Status overloaded = Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", true);
  const grpc::Status late{grpc::StatusCode::DEADLINE_EXCEEDED, "late"};
  EXPECT_EQ(JudgeStatus(GoodKind(), grpc::Status::OK), Verdict::kAccepted);
  EXPECT_EQ(JudgeStatus(GoodKind(), overloaded), Verdict::kUnexpected);
  EXPECT_EQ(JudgeStatus(GoodKind(), overloaded, all), Verdict::kRefused);
  EXPECT_EQ(JudgeStatus(GoodKind(), late), Verdict::kUnexpected);
  EXPECT_EQ(JudgeStatus(GoodKind(), late, all), Verdict::kLate);
}

TEST(VerdictTest, WhatIsNeverAcceptedOfAGoodCall) {
  const Accepted all{.refusals = true, .deadline = true};
  for (const grpc::Status& status :
       {Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", false),
        Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "TENSOR_TOO_LARGE", true),
        Refusal(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", false),
        grpc::Status{grpc::StatusCode::RESOURCE_EXHAUSTED, "of gRPC itself"},
        grpc::Status{grpc::StatusCode::UNAVAILABLE, "gone"}, grpc::Status{grpc::StatusCode::INTERNAL, "bug"}}) {
    EXPECT_EQ(JudgeStatus(GoodKind(), status, all), Verdict::kUnexpected) << status.error_message();
  }
}

TEST(VerdictTest, HostileCallsNeedTheirOwnAnswer) {
  EXPECT_EQ(JudgeStatus(BadKind(), Refusal(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", false)),
            Verdict::kHostile);
  EXPECT_EQ(JudgeStatus(BadKind(), grpc::Status::OK), Verdict::kUnexpected);
  EXPECT_EQ(JudgeStatus(BadKind(), Refusal(grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_MESSAGE", false)),
            Verdict::kUnexpected);
  EXPECT_EQ(JudgeStatus(BadKind(), {grpc::StatusCode::INVALID_ARGUMENT, "no reason"}), Verdict::kUnexpected);
}

}  // namespace
}  // namespace tensord::load
