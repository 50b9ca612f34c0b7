#include "tensord/compute/instruction_set.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::compute {
namespace {

std::vector<InstructionSet> Detect() {
#if defined(__x86_64__)
  std::vector<InstructionSet> sets = {InstructionSet::kSse2};
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return sets;
  sets.push_back(InstructionSet::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    sets.push_back(InstructionSet::kAvx512);
  }
  return sets;
#elif defined(__aarch64__)
  return {InstructionSet::kNeon};
#else
#error "tensord has kernels for x86-64 and AArch64"
#endif
}

std::atomic<InstructionSet>& InUse() {
  static std::atomic<InstructionSet> set = SupportedInstructionSets().back();
  return set;
}

}  // namespace

absl::string_view Name(InstructionSet set) {
  switch (set) {
    case InstructionSet::kSse2:
      return "sse2";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kAvx512:
      return "avx512";
    case InstructionSet::kNeon:
      return "neon";
  }
  __builtin_unreachable();
}

const std::vector<InstructionSet>& SupportedInstructionSets() {
  static const auto* const sets = new std::vector<InstructionSet>(Detect());
  return *sets;
}

absl::StatusOr<InstructionSet> ChooseInstructionSet(absl::string_view name) {
  const std::vector<InstructionSet>& sets = SupportedInstructionSets();
  if (name.empty()) return sets.back();
  const auto found = std::find_if(sets.begin(), sets.end(), [&](InstructionSet set) { return Name(set) == name; });
  if (found != sets.end()) return *found;
  const std::string names =
      absl::StrJoin(sets, ", ", [](std::string* out, InstructionSet set) { absl::StrAppend(out, Name(set)); });
  return absl::InvalidArgumentError(
      absl::StrCat("was \"", name, "\", has to be one of what this processor runs: ", names, "; or unset"));
}

void UseInstructionSet(InstructionSet set) { InUse().store(set, std::memory_order_relaxed); }

InstructionSet InstructionSetInUse() { return InUse().load(std::memory_order_relaxed); }

}  // namespace tensord::compute
