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

}  // namespace

template <typename T>
const Kernels<T>& KernelsFor(const ExecutionContext& context) {
  const KernelSet& set = SetOf(context.instruction_set.has_value() ? *context.instruction_set : InstructionSetInUse());
  if constexpr (std::is_same_v<T, float>) {
    return set.float32;
  } else {
    return set.float64;
  }
}

template const Kernels<float>& KernelsFor<float>(const ExecutionContext&);
template const Kernels<double>& KernelsFor<double>(const ExecutionContext&);

}  // namespace tensord::compute::internal
