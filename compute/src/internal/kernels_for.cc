#include "compute/src/internal/kernels_for.h"

#include <type_traits>

#include "tensord/compute/instruction_set.h"

namespace tensord::compute::internal {
namespace {

const KernelSet& SetOf(InstructionSet set) {
  switch (set) {
#if defined(__x86_64__)
    case InstructionSet::kAvx512:
      return kAvx512Kernels;
    case InstructionSet::kAvx2:
      return kAvx2Kernels;
    default:
      return kSse2Kernels;
#else
    default:
      return kNeonKernels;
#endif
  }
}

InstructionSet SetFor(const ExecutionContext& context) {
  return context.instruction_set.has_value() ? *context.instruction_set : InstructionSetInUse();
}

template <typename T>
const Kernels<T>& KernelsOf(const KernelSet& set) {
  if constexpr (std::is_same_v<T, float>) {
    return set.float32;
  } else {
    return set.float64;
  }
}

}  // namespace

template <typename T>
const Kernels<T>& KernelsFor(const ExecutionContext& context) {
  return KernelsOf<T>(SetOf(SetFor(context)));
}

template <typename T>
const Kernels<T>& KernelsForRows(const ExecutionContext& context, int64_t width) {
  const Kernels<T>& kernels = KernelsFor<T>(context);
#if defined(__x86_64__)
  // A processor with AVX-512 has AVX2 and FMA.
  const bool has_halves = SetFor(context) == InstructionSet::kAvx512;
  if (has_halves && 2 * width <= kernels.lanes) return KernelsOf<T>(kAvx2Kernels);
#else
  (void)width;
#endif
  return kernels;
}

template const Kernels<float>& KernelsFor<float>(const ExecutionContext&);
template const Kernels<double>& KernelsFor<double>(const ExecutionContext&);
template const Kernels<float>& KernelsForRows<float>(const ExecutionContext&, int64_t);
template const Kernels<double>& KernelsForRows<double>(const ExecutionContext&, int64_t);

}  // namespace tensord::compute::internal
