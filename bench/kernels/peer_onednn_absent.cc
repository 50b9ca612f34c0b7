// For builds without oneDNN: everything else of the program is the same.
#include "bench/kernels/peers.h"

namespace tensord::bench {

std::string OneDnnVersion() { return "not built in"; }

absl::Status AddOneDnn(const Problem&, int, Candidates&) { return absl::OkStatus(); }

}  // namespace tensord::bench
