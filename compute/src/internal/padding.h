// Padding as given, brought to numbers of cells.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PADDING_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PADDING_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/window.h"

namespace tensord::compute::internal {

// The mode in force: kExplicit beside lists, else kValid, where none was given.
[[nodiscard]] PaddingMode ModeOf(const Padding& padding);

// Sets pad_begin and pad_end of every axis: the lists with kExplicit; else of_mode(i), and lists beside the mode have
// to say the same. of_mode may say kUnknownSize. False where a violation was added.
[[nodiscard]] bool SetPadding(const Padding& padding, PaddingMode mode, absl::string_view field, const SizeRules& rules,
                              std::vector<AxisWindow>& axes, Violations& violations,
                              absl::FunctionRef<AxisPadding(size_t)> of_mode);

// Adds a violation for padding that reads more cells of the input than it has.
void CheckPaddingReads(const Padding& padding, absl::string_view field, const std::vector<AxisWindow>& axes,
                       Violations& violations);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PADDING_H_
