// Calls that tests of the server make.
#ifndef TENSORD_TESTS_SERVER_RPC_HELPERS_H_
#define TENSORD_TESTS_SERVER_RPC_HELPERS_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tensord/v1/activation.pb.h"

namespace tensord::testing {

// Far longer than anything takes: a test that runs into it has found a fault.
void SetGenerousDeadline(grpc::ClientContext& context);

// A channel of its own, which shares no connection with others.
std::shared_ptr<grpc::Channel> Connect(
    const std::string& address,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials());

// What health says of a service; UNKNOWN where the call fails.
grpc::health::v1::HealthCheckResponse::ServingStatus CheckHealth(const std::shared_ptr<grpc::Channel>& channel,
                                                                 const std::string& service = "");

// A request for the relu of that many float32 zeros.
v1::ActivateRequest ReluOfZeros(int64_t count);

// GetServerInfo's status.
grpc::Status CallServerInfo(const std::shared_ptr<grpc::Channel>& channel);

// The raw answer of server reflection to a raw request, or "" where there is no reflection.
std::string AskReflection(const std::shared_ptr<grpc::Channel>& channel, const std::string& request);
// Raw requests: all services; the file that defines a symbol.
std::string ListServicesRequest();
std::string FileContainingSymbolRequest(const std::string& symbol);

}  // namespace tensord::testing

#endif  // TENSORD_TESTS_SERVER_RPC_HELPERS_H_
