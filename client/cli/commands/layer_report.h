// An analysed layer as a report.
#ifndef TENSORD_CLI_COMMANDS_LAYER_REPORT_H_
#define TENSORD_CLI_COMMANDS_LAYER_REPORT_H_

#include "client/cli/report.h"
#include "tensord/v1/analysis.pb.h"

namespace tensord::cli {

[[nodiscard]] Report LayerReport(const v1::AnalyzeLayerResponse& response);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_LAYER_REPORT_H_
