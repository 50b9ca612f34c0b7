// In what two models differ.
#ifndef TENSORD_CLI_MODEL_DIFF_H_
#define TENSORD_CLI_MODEL_DIFF_H_

#include <optional>
#include <string>
#include <vector>

#include "client/cli/model/count_sum.h"
#include "client/cli/report.h"
#include "client/cli/style.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// A number of both models.
struct TotalDifference {
  const char* key;
  const char* name;
  v1::Count a;
  v1::Count b;
  CountSum difference;          // b - a
  std::optional<double> ratio;  // b / a, where both are numbers and a is not 0
};

// One thing in which two layers differ: `output_shape`, `operator`, `parameter_count`, ...
struct FieldDifference {
  const char* key;
  const char* name;
  std::string a;  // as people read it
  std::string b;
};

// A layer of one model only, or of both and changed. The layers are those of the models.
struct LayerDifference {
  const v1::ModelLayer* a = nullptr;
  const v1::ModelLayer* b = nullptr;
  std::vector<FieldDifference> fields;  // where it is in both
};

struct ModelDifference {
  std::vector<TotalDifference> totals;
  std::vector<LayerDifference> layers;  // in the order of `b`, what only `a` has before what follows it there
  int same_count = 0;                   // layers that differ in nothing, but perhaps in their name
  int renamed_count = 0;                // of all that both models have, those whose names differ
  [[nodiscard]] bool is_same() const { return layers.empty(); }
};

// The models must outlive the result.
[[nodiscard]] ModelDifference CompareModels(const v1::AnalyzeModelResponse& a, const v1::AnalyzeModelResponse& b);

// What the two are called, and what they are.
struct ComparedModels {
  std::string name_a;  // the files
  std::string name_b;
  const v1::AnalyzeModelResponse& a;
  const v1::AnalyzeModelResponse& b;
};

[[nodiscard]] std::string DiffText(const ComparedModels& models, const Style& style);
[[nodiscard]] std::string DiffMarkdown(const ComparedModels& models);
// is_same, a, b, total (a, b, difference and ratio of each count), added, removed, changed, same_count, renamed_count.
[[nodiscard]] Report DiffReport(const ComparedModels& models);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_DIFF_H_
