// What the fuzzer and the replay of its corpus run: one request of any bytes.
#ifndef TENSORD_TESTS_FUZZ_REQUEST_FUZZ_H_
#define TENSORD_TESTS_FUZZ_REQUEST_FUZZ_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace tensord::fuzz {

// The first byte, modulo their number, picks an rpc; the others are its message. They are decoded, checked and, where
// they pass, run under small limits. Aborts where the answer breaks a rule: a code that no bad request may get, or a
// refusal that names nothing.
absl::Status RunRequest(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_REQUEST_FUZZ_H_
