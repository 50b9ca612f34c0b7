// Which of the processor's instruction sets the kernels of convolution use.
#ifndef TENSORD_COMPUTE_INSTRUCTION_SET_H_
#define TENSORD_COMPUTE_INSTRUCTION_SET_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::compute {

// The sets that kernels are compiled for: kSse2 with AMD64, kAvx2 with its fused multiply-add (FMA3), kAvx512 with the
// parts F, BW, DQ and VL, kNeon with AArch64.
enum class InstructionSet { kSse2, kAvx2, kAvx512, kNeon };

// "sse2", "avx2", "avx512", "neon".
[[nodiscard]] absl::string_view Name(InstructionSet set);

// What this processor can run and this program has kernels for, the fastest last; at least one.
[[nodiscard]] const std::vector<InstructionSet>& SupportedInstructionSets();

// The set that `name` names; the fastest where it is empty. kInvalidArgument - no such name, or not on this processor.
[[nodiscard]] absl::StatusOr<InstructionSet> ChooseInstructionSet(absl::string_view name);

// Has the kernels use `set`, one of SupportedInstructionSets(), from now on in this process wherever a context names
// none; before the first call it is the fastest. Any thread may call both.
void UseInstructionSet(InstructionSet set);
[[nodiscard]] InstructionSet InstructionSetInUse();

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_INSTRUCTION_SET_H_
