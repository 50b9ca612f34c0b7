#include "tensord/compute/accumulation.h"

namespace tensord::compute {

absl::string_view Name(Accumulation value) {
  switch (value) {
    case Accumulation::kFast:
      return "FAST";
    case Accumulation::kFaithful:
      return "FAITHFUL";
    case Accumulation::kExact:
      return "EXACT";
  }
  __builtin_unreachable();
}

}  // namespace tensord::compute
