// What load is to be made.
#ifndef TENSORD_LOAD_LOAD_OPTIONS_H_
#define TENSORD_LOAD_LOAD_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/load/schedule.h"

namespace tensord::load {

// A stretch of time with a rate of its own.
struct Phase {
  std::string name;
  double rate = 0;  // calls a second; 0 in a closed loop
  double seconds = 0;
};

struct LoadOptions {
  int threads = 1;
  int concurrency = 0;  // calls in flight of the closed loop; 0: open loop
  Arrivals arrivals = Arrivals::kPoisson;
  std::vector<Phase> phases;

  double deadline_seconds = 5;
  int max_outstanding = 2000;
  int verify_every = 64;
  bool accept_refusals = false;
  bool accept_deadline = false;
  uint64_t seed = 1;
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_LOAD_OPTIONS_H_
