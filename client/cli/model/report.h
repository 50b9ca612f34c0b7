// What the analysis of a model found, as a report and as tables.
#ifndef TENSORD_CLI_MODEL_REPORT_H_
#define TENSORD_CLI_MODEL_REPORT_H_

#include <string>

#include "client/cli/report.h"
#include "client/cli/style.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// For programs: name, inputs, outputs, layers, total, unknown_layers, conditions.
[[nodiscard]] Report ModelReport(const v1::AnalyzeModelResponse& model);

// For people: a line for each layer, as wide as `width` columns where that is enough, and the totals.
[[nodiscard]] std::string ModelText(const v1::AnalyzeModelResponse& model, size_t width, const Style& style);
// The same as a table of a page.
[[nodiscard]] std::string ModelMarkdown(const v1::AnalyzeModelResponse& model);
// For spreadsheets: a row for each layer with every count, and one for the total (RFC 4180).
[[nodiscard]] std::string ModelCsv(const v1::AnalyzeModelResponse& model);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_REPORT_H_
