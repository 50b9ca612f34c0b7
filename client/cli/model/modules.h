// The layers of a model by the modules that their names tell of.
#ifndef TENSORD_CLI_MODEL_MODULES_H_
#define TENSORD_CLI_MODEL_MODULES_H_

#include <string>
#include <vector>

#include "client/cli/model/count_sum.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// What is added up over the layers of a module.
struct ModuleSums {
  CountSum parameters;
  CountSum macs;     // as MacCount() has them
  CountSum written;  // bytes
};

// A line of the tree: a module or a layer.
struct ModuleRow {
  int depth = 0;      // in modules that have a line of their own
  int parent = -1;    // the line of the module around it
  int layer = -1;     // its number, or -1 for a module
  std::string label;  // the part of the name that the modules around it do not have
  ModuleSums sums;    // of a module
};

// More parts of a name than these stay together.
inline constexpr int kMaxModuleDepth = 12;

// The lines, each module before what is in it, in the order of the first layer of each. `/layer1/layer1.0/conv1/Conv`
// is the layer `Conv` in three modules; names without a slash are parted at their dots. A module with only one thing in
// it is no line: it is part of that thing's label. Linear in the layers.
[[nodiscard]] std::vector<ModuleRow> ModuleRows(const v1::AnalyzeModelResponse& model);

// A layer's multiply-accumulates by the convention that the answer was asked for; null where they are not known.
[[nodiscard]] const v1::Count* MacCount(const v1::ModelLayer& layer);
// The total of them; null where it is not known.
[[nodiscard]] const v1::Count* MacCount(const v1::AnalyzeModelResponse& model);
// That convention.
[[nodiscard]] v1::CostConvention ConventionOf(const v1::AnalyzeModelResponse& model);
// `default`, `bias`, `bias+skip-padding`.
[[nodiscard]] std::string ConventionName(const v1::CostConvention& convention);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_MODULES_H_
