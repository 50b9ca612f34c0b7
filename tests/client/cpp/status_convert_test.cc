#include "client/cpp/src/status_convert.h"

#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tensord/client/errors.h"

namespace tensord::client {
namespace {

// Both number the 17 codes as the gRPC protocol does.
TEST(FromGrpcStatusTest, KeepsEachOfThe17CodesAndTheMessage) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status = FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(code), "the message"));
    EXPECT_EQ(status.raw_code(), code);
    EXPECT_EQ(status.message(), code == 0 ? "" : "the message");
  }
}

TEST(FromGrpcStatusTest, TakesACodeThatIsNoneForUnknown) {
  // What the enum's underlying bits can hold besides its values; more would be undefined.
  for (const int code : {-2, -1, 17, 31}) {
    EXPECT_EQ(FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(code), "")).code(), absl::StatusCode::kUnknown);
  }
}

google::rpc::Status Details(int code) {
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field("filter.shape[2]");
  violation->set_description("was 0, has to be at least 1");
  google::rpc::ErrorInfo info;
  info.set_reason("INVALID_REQUEST");
  info.set_domain("tensord");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(3);
  google::rpc::Status details;
  details.set_code(code);
  details.add_details()->PackFrom(bad_request);
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(retry);
  return details;
}

absl::Status Converted(const std::string& details) {
  return FromGrpcStatus(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "m", details));
}

TEST(ErrorsTest, DetailsArriveAsTheServerSentThem) {
  const absl::Status status = Converted(Details(3).SerializeAsString());
  ASSERT_TRUE(BadRequestOf(status).has_value());
  ASSERT_EQ(BadRequestOf(status)->field_violations_size(), 1);
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "filter.shape[2]");
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).description(), "was 0, has to be at least 1");
  ASSERT_TRUE(ErrorInfoOf(status).has_value());
  EXPECT_EQ(ErrorInfoOf(status)->reason(), "INVALID_REQUEST");
  EXPECT_EQ(ErrorInfoOf(status)->domain(), "tensord");
  ASSERT_TRUE(RetryInfoOf(status).has_value());
  EXPECT_EQ(RetryInfoOf(status)->retry_delay().seconds(), 3);
}

TEST(ErrorsTest, StatusWithoutDetailsHasNone) {
  for (const absl::Status& status : {Converted(""), absl::OkStatus(), absl::InternalError("x")}) {
    EXPECT_FALSE(BadRequestOf(status).has_value());
    EXPECT_FALSE(ErrorInfoOf(status).has_value());
    EXPECT_FALSE(RetryInfoOf(status).has_value());
  }
}

TEST(ErrorsTest, DetailsCutAtAnyByteDoNoHarm) {
  const std::string whole = Details(3).SerializeAsString();
  for (size_t size = 0; size < whole.size(); ++size) {
    const absl::Status status = Converted(whole.substr(0, size));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), "m");
    EXPECT_FALSE(RetryInfoOf(status).has_value()) << size;
  }
}

TEST(ErrorsTest, DetailThatIsNoSuchMessageIsNoDetail) {
  google::rpc::Status details;
  details.set_code(3);
  auto* any = details.add_details();
  any->set_type_url("type.googleapis.com/google.rpc.BadRequest");
  any->set_value("\xff\xff\xff");
  EXPECT_FALSE(BadRequestOf(Converted(details.SerializeAsString())).has_value());
}

TEST(ErrorsTest, DetailsOfAnotherCodeAreLeftOut) {
  EXPECT_FALSE(ErrorInfoOf(Converted(Details(8).SerializeAsString())).has_value());
}

TEST(RpcStatusTest, GoesThereAndBack) {
  const absl::Status status = FromRpcStatus(Details(3));
  EXPECT_EQ(ErrorInfoOf(status)->reason(), "INVALID_REQUEST");
  EXPECT_EQ(FromRpcStatus(ToRpcStatus(status)), status);
  EXPECT_EQ(ToRpcStatus(absl::UnavailableError("gone")).code(), 14);
  EXPECT_EQ(FromRpcStatus(ToRpcStatus(absl::UnavailableError("gone"))), absl::UnavailableError("gone"));
}

TEST(RpcStatusTest, ACodeThatIsNoErrorsIsUnknown) {
  for (const int code : {0, -1, 17, 2147483647}) {
    google::rpc::Status status;
    status.set_code(code);
    EXPECT_EQ(FromRpcStatus(status).code(), absl::StatusCode::kUnknown) << code;
  }
}

TEST(ErrorsTest, FirstOfSeveralDetailsOfATypeCounts) {
  google::rpc::Status details = Details(3);
  google::rpc::ErrorInfo second;
  second.set_reason("ANOTHER");
  details.add_details()->PackFrom(second);
  EXPECT_EQ(ErrorInfoOf(Converted(details.SerializeAsString()))->reason(), "INVALID_REQUEST");
}

}  // namespace
}  // namespace tensord::client
