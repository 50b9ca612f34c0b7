// The part of resolving a pooling that does not depend on how long its axes are.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_POOLING_LISTS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_POOLING_LISTS_H_

#include <optional>

#include "tensord/compute/pooling.h"

namespace tensord::compute::internal {

// As ResolvePooling, but nothing is said of padding and lengths: of the axes only window, stride and dilation are set
// where the window mode is kExplicit.
[[nodiscard]] std::optional<PoolingGeometry> ResolvePoolingLists(PoolingKind kind, const PoolingConventions& given,
                                                                 Profile profile, const Shape& input,
                                                                 const PoolingFields& fields, const SizeRules& rules,
                                                                 Violations& violations);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_POOLING_LISTS_H_
