// Calls that have to be refused.
#ifndef TENSORD_TESTS_LOAD_HOSTILE_REQUESTS_H_
#define TENSORD_TESTS_LOAD_HOSTILE_REQUESTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/load/mix.h"

namespace tensord::load {

// Requests that have to be refused, each with its own code and reason, and none of them by much work.
std::vector<Kind> HostileKinds();

// The kinds of a mix with `hostile_percent` of the calls hostile, equally many of each hostile kind.
absl::StatusOr<std::vector<Kind>> MakeMix(absl::string_view mix, double hostile_percent);

}  // namespace tensord::load

#endif  // TENSORD_TESTS_LOAD_HOSTILE_REQUESTS_H_
