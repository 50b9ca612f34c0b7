#include <set>
#include <string>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {

// What is refused for another reason than a violation.
void AddRefusals(Cases& cases) {
  std::set<std::string> seen;
  for (const GoodCall& call : GoodCalls()) {
    // One of the rpc's good requests is enough: these bytes are not made from it.
    if (!seen.insert(call.method).second) continue;
    const std::string rpc = call.method.substr(call.method.find('/') + 1);
    // A length-delimited field 1 that claims 100 bytes and has 2; a lone group end.
    for (const auto& [name, bytes] :
         {std::pair<std::string, std::string>("Truncated", "\x0a\x64xx"), {"NoProtobuf", "\x0c"}}) {
      cases.AddRefusal({rpc + name, call.method, bytes, "", "are no tensord.v1." + rpc + "Request",
                        grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_MESSAGE"});
    }
  }
  const auto refuse = [&](const std::string& name, const std::string& rpc, const google::protobuf::Message& request,
                          const std::string& text, grpc::StatusCode code, const std::string& reason) {
    cases.AddRefusal({name, kTensorService + rpc, request.SerializeAsString(), "", text, code, reason});
  };
  // 2^31-1 to the fourth wraps to a small number in 64 bits; no payload comes with it.
  v1::ActivateRequest wrapping = GoodActivate();
  wrapping.mutable_input()->clear_shape();
  for (int i = 0; i < 4; ++i) wrapping.mutable_input()->add_shape(2147483647);
  wrapping.mutable_input()->clear_data();
  refuse("ProductThatWraps", "Activate", wrapping, "more than 2^63 bytes", grpc::StatusCode::RESOURCE_EXHAUSTED,
         "TENSOR_TOO_LARGE");
  wrapping.mutable_input()->clear_shape();
  for (const int64_t size : {0, 1 << 30, 1 << 30, 16}) wrapping.mutable_input()->add_shape(size);
  refuse("ProductBehindAnEmptyBatch", "Activate", wrapping, "more than 2^63 bytes",
         grpc::StatusCode::RESOURCE_EXHAUSTED, "TENSOR_TOO_LARGE");
  v1::ConvolveRequest padded = GoodConvolve();
  padded.mutable_conventions()->mutable_padding()->add_begin(100'000);
  refuse("OutputTooLarge", "Convolve", padded, "output.shape", grpc::StatusCode::RESOURCE_EXHAUSTED,
         "TENSOR_TOO_LARGE");
  v1::ConvolveRequest huge;
  *huge.mutable_input() = Ramp({700, 700, 1});
  *huge.mutable_filter() = Ramp({300, 300, 1, 1});
  refuse("WorkTooLarge", "Convolve", huge, "multiplications, the limit is", grpc::StatusCode::RESOURCE_EXHAUSTED,
         "WORK_TOO_LARGE");
  v1::ActivateRequest long_message = GoodActivate();
  long_message.mutable_input()->set_data(std::string((4 << 20) + 1, 'x'));
  refuse("MessageTooLarge", "Activate", long_message, "bytes, a message may have", grpc::StatusCode::RESOURCE_EXHAUSTED,
         "MESSAGE_TOO_LARGE");
}

std::vector<BadCase> AllBadCases() {
  Cases cases;
  AddConvolutionCases(cases);
  AddPoolingCases(cases);
  AddNumbersCases(cases);
  AddUnpoolingCases(cases);
  AddActivationCases(cases);
  AddAnalysisCases(cases);
  AddModelGraphCases(cases);
  AddGradingCases(cases);
  AddRefusals(cases);
  return cases.Take();
}

}  // namespace tensord::contract
