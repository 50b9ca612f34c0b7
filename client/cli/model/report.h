// What the analysis of a model found, as a report and as tables.
#ifndef TENSORD_CLI_MODEL_REPORT_H_
#define TENSORD_CLI_MODEL_REPORT_H_

#include <string>

#include "client/cli/report.h"
#include "client/cli/style.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// For programs: name, inputs, outputs, layers, total, conventions, tools, unknown_layers, conditions. What is not known
// is null.
[[nodiscard]] Report ModelReport(const v1::AnalyzeModelResponse& model);

// For people: a line for each layer and for each module of their names, as wide as `width` columns where that is
// enough: what there is no room for is left out. Then totals, conventions and tools.
[[nodiscard]] std::string ModelText(const v1::AnalyzeModelResponse& model, size_t width, const Style& style);
// The same as tables of a page.
[[nodiscard]] std::string ModelMarkdown(const v1::AnalyzeModelResponse& model);
// For spreadsheets: a row for each layer with every number, and one for the total (RFC 4180).
[[nodiscard]] std::string ModelCsv(const v1::AnalyzeModelResponse& model);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_REPORT_H_
