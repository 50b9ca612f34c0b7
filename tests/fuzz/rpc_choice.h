// Which rpc an input is for.
#ifndef TENSORD_TESTS_FUZZ_RPC_CHOICE_H_
#define TENSORD_TESTS_FUZZ_RPC_CHOICE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "server/convert/activation_convert.h"
#include "server/convert/analysis_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/grading_convert.h"
#include "server/convert/model_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/convert/server_info_convert.h"
#include "server/convert/unpooling_convert.h"

namespace tensord::fuzz {

inline constexpr uint8_t kRpcCount = 16;
// In the decode target, the messages of StreamCompute are one more.
inline constexpr uint8_t kStreamChoice = kRpcCount;
inline constexpr uint8_t kMessageCount = kRpcCount + 1;

// visit(prepare) with the Prepare function of the rpc number `selector`, modulo their number. The corpora in
// corpus/request rest on this order.
template <typename Visitor>
absl::Status VisitRpc(uint8_t selector, const Visitor& visit) {
  switch (selector % kRpcCount) {
    case 0:
      return visit(&server::PrepareConvolve);
    case 1:
      return visit(&server::PrepareConvolveBackward);
    case 2:
      return visit(&server::PreparePool);
    case 3:
      return visit(&server::PreparePoolBackward);
    case 4:
      return visit(&server::PrepareActivate);
    case 5:
      return visit(&server::PrepareActivateBackward);
    case 6:
      return visit(&server::PrepareAnalyzeLayer);
    case 7:
      return visit(&server::PrepareDescribeDataset);
    case 8:
      return visit(&server::PrepareGetServerInfo);
    case 9:
      return visit(&server::PrepareUnpool);
    case 10:
      return visit(&server::PrepareUnpoolBackward);
    case 11:
      return visit(&server::PrepareConvolveTranspose);
    case 12:
      return visit(&server::PrepareConvolveTransposeBackward);
    case 13:
      return visit(&server::PrepareAnalyzeModel);
    case 14:
      return visit(&server::PrepareGradeSubmission);
    default:
      return visit(&server::PrepareAuditAssignment);
  }
}

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_RPC_CHOICE_H_
