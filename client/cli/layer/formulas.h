// Formulas of a layer in the sizes of its axes, out of the steps of its explanation.
#ifndef TENSORD_CLI_LAYER_FORMULAS_H_
#define TENSORD_CLI_LAYER_FORMULAS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/layer/layer_model.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli::layer {

// `C*O`; `1` of none.
[[nodiscard]] std::string ProductText(const std::vector<Size>& sizes);
// `256*10`: the same with what they are.
[[nodiscard]] std::string ProductValues(const std::vector<Size>& sizes);

// What AnalyzeModel calls the axes of a tensor of 1 to 5 axes, a letter each: `NCHW`.
[[nodiscard]] std::string AxisNames(size_t rank);

// An explanation derives each number from others, `mac_count = E_out*I`. Here each is written out in what was given,
// `N*O*C`, with the letters that the layout has for the axes, and without those that it has not.
class Formulas {
 public:
  // A formula beyond that is none: a server may send what it likes.
  static constexpr size_t kMaxBytes = 1024;

  Formulas(const LayerModel& model, const v1::Explanation& explanation);

  // Of a step, by the name that it has there, if it came to `value`. `quantity` is what it is called here.
  [[nodiscard]] std::optional<v1::Formula> Of(absl::string_view step, absl::string_view quantity,
                                              const v1::Count& value) const;

 private:
  void NameAxes(const LayerModel& model, bool is_product);
  void NameParameters(const LayerModel& model);
  void Add(const v1::DerivationStep& step);
  // `text` with every name replaced by what `texts` has for it.
  [[nodiscard]] static std::string Expand(absl::string_view text, const std::map<std::string, std::string>& texts);

  std::map<std::string, std::string> renamed_;  // what is given, by the explanation's names: `I` is C
  std::map<std::string, std::string> general_;  // by the explanation's names; an axis that is not there is empty
  std::map<std::string, std::string> given_;    // what is given, by its name here
  std::map<std::string, std::string> values_;   // of the steps, as text
};

}  // namespace tensord::cli::layer

#endif  // TENSORD_CLI_LAYER_FORMULAS_H_
