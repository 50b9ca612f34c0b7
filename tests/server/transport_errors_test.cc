#include "server/transport_errors.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace tensord::server {
namespace {

TEST(TransportErrorsTest, GrpcUsesTheBoundedFunction) { EXPECT_TRUE(TransportErrorsAreBounded()); }

TEST(TransportErrorsTest, CausesAreKeptUpToTheBound) {
  const absl::Status cause = absl::UnavailableError(std::string(1000, 'x'));
  absl::Status error = absl::InternalError("closed");
  for (int i = 0; i < 10; ++i) error = grpc_error_add_child(error, cause);
  const size_t ten = error.ToString().size();
  EXPECT_GT(ten, size_t{10} * 1000);
  for (int i = 0; i < 10000; ++i) error = grpc_error_add_child(error, cause);
  // One more than the bound may still be added to what is just below it.
  EXPECT_GT(error.ToString().size(), ten);
  EXPECT_LE(error.ToString().size(), 3 * kMostCausesBytes);
  EXPECT_EQ(error.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(error.message(), "closed");
}

TEST(TransportErrorsTest, OkIsNeitherAnErrorNorACause) {
  const absl::Status error = absl::InternalError("closed");
  EXPECT_EQ(grpc_error_add_child(absl::OkStatus(), error), error);
  EXPECT_EQ(grpc_error_add_child(error, absl::OkStatus()), error);
  EXPECT_TRUE(grpc_error_add_child(absl::OkStatus(), absl::OkStatus()).ok());
}

}  // namespace
}  // namespace tensord::server
