// An analysed layer as a report.
#ifndef TENSORD_CLI_COMMANDS_LAYER_REPORT_H_
#define TENSORD_CLI_COMMANDS_LAYER_REPORT_H_

#include <vector>

#include "client/cli/report.h"
#include "tensord/v1/analysis.pb.h"

namespace tensord::cli {

// A count that AnalyzeLayerResponse has no field for.
struct MoreCount {
  const char* name;
  v1::Count count;
};

// `more` stands behind the other operations.
[[nodiscard]] Report LayerReport(const v1::AnalyzeLayerResponse& response, const std::vector<MoreCount>& more = {});

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_LAYER_REPORT_H_
