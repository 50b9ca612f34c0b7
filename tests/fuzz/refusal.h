// What every refusal of a request has to be like.
#ifndef TENSORD_TESTS_FUZZ_REFUSAL_H_
#define TENSORD_TESTS_FUZZ_REFUSAL_H_

#include "absl/status/status.h"

namespace tensord::fuzz {

// Aborts where `status`, the outcome of a request of any bytes, breaks a rule: a code that no bad request may get, a
// refusal that says nothing, or one that clients cannot read or the trailers not hold.
void CheckRefusal(const absl::Status& status);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_REFUSAL_H_
