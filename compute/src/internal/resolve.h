// Checks that convolution and pooling share when they resolve a request.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_RESOLVE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_RESOLVE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/layout.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/violations.h"
#include "tensord/compute/window.h"

namespace tensord::compute::internal {

// Adds a violation for every size of `shape` that is out of range: 1..rules.max_size, 0 too where `zero_axis` is it.
inline void CheckSizes(const Shape& shape, int zero_axis, absl::string_view field, const SizeRules& rules,
                       Violations& violations) {
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int64_t minimum = axis == zero_axis ? 0 : 1;
    const int64_t size = shape[axis];
    if (rules.allow_unknown && size == kUnknownSize) continue;
    if (size >= minimum && size <= rules.max_size) continue;
    violations.Add(Indexed(field, static_cast<size_t>(axis)),
                   absl::StrCat("was ", size, ", has to be ", minimum, "..", rules.max_size));
  }
}

// Adds a violation for every entry of `list` that is never right, where the number of axes is not known.
inline void CheckEntries(const std::vector<int64_t>& list, int64_t minimum, absl::string_view field,
                         const SizeRules& rules, Violations& violations) {
  if (!list.empty()) {
    (void)SpreadList(list, static_cast<int>(list.size()), std::nullopt, minimum, field, rules, violations);
  }
}

// The same for padding, where something else is wrong and it cannot be resolved.
inline void CheckPaddingEntries(const Padding& padding, absl::string_view field, const SizeRules& rules,
                                Violations& violations) {
  CheckEntries(padding.begin, 0, absl::StrCat(field, ".begin"), rules, violations);
  CheckEntries(padding.end, 0, absl::StrCat(field, ".end"), rules, violations);
}

// The layout that was given for a tensor of `rank` axes. Adds a violation of `field` where the letters or their number
// are wrong.
inline std::optional<Layout> ParseGivenLayout(absl::string_view letters, Layout::Role role, int rank,
                                              absl::string_view field, Violations& violations) {
  // Whatever a client sent as letters is not repeated at length.
  const std::string quoted = absl::StrCat("was '", letters.substr(0, 16), letters.size() > 16 ? "..." : "", "', ");
  std::optional<Layout> layout = Layout::Parse(letters, role);
  if (!layout.has_value()) {
    violations.Add(field, absl::StrCat(quoted, ExplainLetters(role)));
  } else if (layout->rank() != rank) {
    violations.Add(field, absl::StrCat(quoted, "has to have ", rank, " letters, one per axis of the tensor"));
    layout.reset();
  }
  return layout;
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_RESOLVE_H_
