// A client for tests of programs that use one. Installed as tensord/client/mock_client.h; it needs GoogleMock.
#ifndef TENSORD_CLIENT_MOCK_CLIENT_H_
#define TENSORD_CLIENT_MOCK_CLIENT_H_

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tensord/client/client.h"

namespace tensord::client {

// ClientInterface with every function mocked: EXPECT_CALL(client, Convolve(_, _)). Calls without options arrive there
// too, with CallOptions(), and so do those whose request is given away.
class MockClient : public ClientInterface {
 public:
#define TENSORD_CLIENT_RPC(Service, Rpc)                                                                          \
  using ClientInterface::Rpc;                                                                                     \
  MOCK_METHOD(absl::StatusOr<v1::Rpc##Response>, Rpc, (const v1::Rpc##Request&, const CallOptions&), (override)); \
  MOCK_METHOD(void, Rpc##Async, (v1::Rpc##Request, const CallOptions&, Callback<v1::Rpc##Response>), (override));
#include "tensord/client/rpcs.inc"
#undef TENSORD_CLIENT_RPC

  MOCK_METHOD(absl::StatusOr<Health>, CheckHealth, (const std::string&, const CallOptions&), (override));
  MOCK_METHOD(std::unique_ptr<ComputeStream>, StreamCompute, (const StreamOptions&, OnAnswer), (override));
  MOCK_METHOD(absl::Status, GradeClass,
              (const v1::Assignment&, const NextSubmission&, const OnGraded&, const CallOptions&), (override));
};

// ComputeStream with every function mocked.
class MockComputeStream : public ComputeStream {
 public:
  MOCK_METHOD(absl::Status, Send, (v1::StreamComputeRequest), (override));
  MOCK_METHOD(absl::Status, Finish, (), (override));
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_MOCK_CLIENT_H_
