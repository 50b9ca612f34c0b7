// The totals of a model and the small tables behind them, for every format that people read.
#ifndef TENSORD_CLI_MODEL_SUMMARY_H_
#define TENSORD_CLI_MODEL_SUMMARY_H_

#include <string>
#include <vector>

#include "tensord/v1/model.pb.h"

namespace tensord::cli {

struct SummaryLine {
  const char* key;  // for programs: `mac_count`
  const char* name;
  std::string value;
  std::string note;  // what stands behind it: where that is; as the answer has it: escape it
};

// The totals, those that are 0 or not known left out but for parameters and multiply-accumulates: counts, bytes,
// training, and time on a machine.
[[nodiscard]] std::vector<SummaryLine> SummaryOf(const v1::AnalyzeModelResponse& model);

struct SummaryColumn {
  const char* head;
  bool is_number = false;
};

struct SummaryTable {
  const char* title;
  std::vector<SummaryColumn> columns;
  std::vector<std::vector<std::string>> rows;  // as the answer has them: escape them
};

// What each convention comes to, those that come to the same in one row. No rows where the answer has none.
[[nodiscard]] SummaryTable ConventionsTable(const v1::AnalyzeModelResponse& model);
// What tools would print, with rule and source. Likewise.
[[nodiscard]] SummaryTable ToolsTable(const v1::AnalyzeModelResponse& model);

// `input float32 1 x 3 x 224 x 224; ...`
[[nodiscard]] std::string TensorsText(const google::protobuf::RepeatedPtrField<v1::ModelTensor>& tensors);
// `at least: nothing is known of what 2 of the layers cost (a, b)`; some names at most.
[[nodiscard]] std::string UnknownText(const v1::AnalyzeModelResponse& model);

// Whether something is known of what any layer sees.
[[nodiscard]] bool HasFields(const v1::AnalyzeModelResponse& model);
// What a layer's position sees of the first input, and how far positions are apart: `435x435/32`; `all`; `9x9/1x2`
// where axes differ; empty where it is not known.
[[nodiscard]] std::string SeesText(const v1::ModelLayer& layer);
// `memory` or `compute`; empty without a machine.
[[nodiscard]] std::string BoundText(const v1::Roofline& roofline);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_SUMMARY_H_
