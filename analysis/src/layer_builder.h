// What the analyses of convolution and pooling share.
#ifndef TENSORD_ANALYSIS_SRC_LAYER_BUILDER_H_
#define TENSORD_ANALYSIS_SRC_LAYER_BUILDER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analysis/src/axis_length.h"
#include "analysis/src/derivation.h"
#include "tensord/analysis/count.h"
#include "tensord/analysis/dimension.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/violations.h"
#include "tensord/compute/window.h"

namespace tensord::analysis {

// What sizes an analysis takes.
[[nodiscard]] compute::SizeRules AnalysisSizes();

// The sizes with kUnknownSize for symbols. Adds a violation for what is no symbol, and for -1, which must not pass for
// one; other sizes are left to compute's checks.
[[nodiscard]] compute::Shape CheckedShape(const std::vector<Dimension>& sizes, absl::string_view field,
                                          compute::Violations& violations);

// Adds a violation for every -1 in a list of numbers, which would pass for a symbol.
void CheckNumbers(const std::vector<int64_t>& list, int64_t minimum, absl::string_view field,
                  compute::Violations& violations);

// The same for padding below `conventions_field`.
void CheckPadding(const compute::Padding& padding, absl::string_view conventions_field,
                  compute::Violations& violations);

// A layer's strides, given as numbers or with symbols. `conventions` and `symbolic` are the fields' names.
class StrideList {
 public:
  StrideList(const std::vector<int64_t>& numbers, const std::vector<Dimension>& symbolic,
             absl::string_view conventions_field, absl::string_view symbolic_field, compute::Violations& violations);

  // What compute's resolution takes: kUnknownSize for symbols.
  [[nodiscard]] const std::vector<int64_t>& numbers() const { return numbers_; }
  // Adds what the resolution found wrong, naming the field that the strides came in.
  void Forward(const compute::Violations& found, compute::Violations& violations) const;
  // The stride of a spatial axis, where `resolved` is what compute made of it.
  [[nodiscard]] Expression At(size_t axis, int64_t resolved) const;

 private:
  const std::vector<Dimension>& symbolic_;
  std::string conventions_field_;
  std::string symbolic_field_;
  std::vector<int64_t> numbers_;
};

// The sizes of one spatial axis that the resolution settled; the window is still to be set.
[[nodiscard]] AxisSizes ResolvedAxis(const compute::Layout& layout, int axis, const compute::AxisWindow& window,
                                     compute::PaddingMode mode, const std::vector<Dimension>& input,
                                     const StrideList& strides);

// The named size of the axis at `position` of a shape, or what is left out of products where position is -1.
[[nodiscard]] Derivation SizeOf(absl::string_view name, const std::vector<Dimension>& sizes, int position);

// Collects the results of one analysis.
class LayerBuilder {
 public:
  LayerBuilder(absl::string_view field, compute::Violations& violations) : field_(field), violations_(violations) {}

  // The count that a derivation comes to; notes its formula, or adds a violation where it is beyond 128 bits.
  [[nodiscard]] Count Record(absl::string_view quantity, const Derivation& derivation);

  // Notes that e >= f and e = f must hold, unless they always do. Where no positive numbers can make them hold, adds a
  // violation of `field` instead.
  void RequireAtLeast(const Expression& e, const Expression& f, absl::string_view field);
  void RequireEqual(const Expression& e, const Expression& f, absl::string_view field);
  // Notes a condition in words.
  void Require(absl::string_view condition);

  [[nodiscard]] std::vector<Formula> TakeFormulas() { return std::move(formulas_); }
  [[nodiscard]] std::vector<std::string> TakeConditions() { return std::move(conditions_); }

 private:
  std::string field_;
  compute::Violations& violations_;
  std::vector<Formula> formulas_;
  std::vector<std::string> conditions_;
};

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_SRC_LAYER_BUILDER_H_
