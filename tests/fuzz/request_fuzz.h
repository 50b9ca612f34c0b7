// Requests of any bytes, decoded, checked and run.
#ifndef TENSORD_TESTS_FUZZ_REQUEST_FUZZ_H_
#define TENSORD_TESTS_FUZZ_REQUEST_FUZZ_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace tensord::fuzz {

// The first byte picks an rpc (rpc_choice.h); the others are its message. They are decoded, checked and, where they
// pass, run under small limits; returns the outcome. Aborts where it breaks a rule of refusal.h.
absl::Status AnswerRequest(const uint8_t* data, size_t size);

// The fuzz target.
void RunRequest(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_REQUEST_FUZZ_H_
