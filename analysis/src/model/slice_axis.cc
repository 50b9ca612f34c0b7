#include "analysis/src/model/slice_axis.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "analysis/src/model/size_inputs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

constexpr int64_t kFar = std::numeric_limits<int32_t>::max();
constexpr absl::string_view kRule = "a slice's positions";

bool NeverBelow(const Expression& e, const Expression& bound) {
  const std::optional<Integer> least = (e - bound).LowerBound();
  return least.has_value() && !least->negative();
}

// e, and where that is smaller, `low`.
absl::StatusOr<Expression> NotBelow(NodeView& node, const Expression& e, const Expression& low) {
  if (NeverBelow(e, low)) return e;
  if (NeverBelow(low, e)) return low;
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, e, low, kRule));
  return e;
}

// Where a start or an end lies on an axis, low..high.
absl::StatusOr<Expression> Position(NodeView& node, const Expression& told, const Expression& size,
                                    const Expression& low, const Expression& high) {
  const std::optional<Integer> number = told.constant();
  // With a number as the size, what is far is far beyond it or not, and needs no convention.
  if (number.has_value() && !size.constant().has_value()) {
    if (*number >= Integer(kFar)) return high;
    if (*number <= Integer(-kFar)) return low;
  }
  if (NeverBelow(-1, told)) {
    TENSORD_ASSIGN_OR_RETURN(const Expression place, NotBelow(node, size + told, low));
    return place;
  }
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, told, 0, kRule));
  if (NeverBelow(high, told)) return told;
  if (NeverBelow(told, high)) return high;
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, high, told, kRule));
  return told;
}

// A slice from a number to a number on an axis that a symbol decides the length of.
absl::StatusOr<SliceAxis> SliceUntilEither(const Expression& size, const Expression& start, const Expression& end,
                                           int64_t step) {
  if (NeverBelow(start, end)) return SliceAxis{.start = start, .length = 0};
  const Expression until_size = size - start;
  const Expression until_end = end - start;
  const Expression span = until_end - (until_end - until_size) * AtLeast(until_end, until_size);
  return SliceAxis{.start = start, .length = Ceil(span, step)};
}

}  // namespace

absl::StatusOr<SliceAxis> SliceAlong(NodeView& node, const Expression& size, const Expression& start,
                                     const Expression& end, int64_t step) {
  if (step == 0) return node.Error("its step is 0, and a slice has to go on");
  if (size == Expression(0)) return SliceAxis{.start = 0, .length = 0};
  const bool is_forward = step > 0;
  const Expression low = is_forward ? 0 : -1;
  const Expression high = is_forward ? size : size - 1;
  TENSORD_ASSIGN_OR_RETURN(const Expression first, Position(node, start, size, 0, high));
  const std::optional<Integer> last = end.constant();
  const bool is_open = last.has_value() && !last->negative() && *last < Integer(kFar) && !NeverBelow(high, end) &&
                       !size.constant().has_value();
  if (is_forward && is_open && first.constant().has_value()) return SliceUntilEither(size, first, end, step);
  TENSORD_ASSIGN_OR_RETURN(const Expression until, Position(node, end, size, low, high));
  const Expression& from = is_forward ? first : until;
  const Expression& to = is_forward ? until : first;
  if (NeverBelow(from, to)) return SliceAxis{.start = first, .length = 0};
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, to, from, kRule));
  return SliceAxis{.start = first, .length = Ceil(to - from, is_forward ? Integer(step) : -Integer(step))};
}

}  // namespace tensord::analysis::model
