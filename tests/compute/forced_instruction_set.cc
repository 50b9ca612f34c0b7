// Linked into tests that are run with each instruction set: has the kernels use the one that TENSORD_ISA names.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tensord/compute/instruction_set.h"

namespace tensord::compute {
namespace {

// Before main, which is GoogleTest's. A processor that lacks the set runs the tests with its fastest, and says so.
[[maybe_unused]] const bool kForced = [] {
  const char* const name = std::getenv("TENSORD_ISA");
  const absl::StatusOr<InstructionSet> set = ChooseInstructionSet(name == nullptr ? "" : name);
  if (!set.ok()) std::fprintf(stderr, "TENSORD_ISA: %s\n", std::string(set.status().message()).c_str());
  UseInstructionSet(set.value_or(SupportedInstructionSets().back()));
  std::fprintf(stderr, "instruction set: %s\n", std::string(Name(InstructionSetInUse())).c_str());
  return set.ok();
}();

}  // namespace
}  // namespace tensord::compute
