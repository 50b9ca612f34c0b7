// Requests of any bytes, decoded and checked, not run.
#ifndef TENSORD_TESTS_FUZZ_DECODE_FUZZ_H_
#define TENSORD_TESTS_FUZZ_DECODE_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the first byte picks an rpc or StreamCompute (rpc_choice.h); the others are its message. They are
// decoded and checked under the daemon's own limits. Aborts where a refusal breaks a rule of refusal.h, where what was
// let in has no sensible cost, or where the message encoded anew gets another verdict.
void RunDecode(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_DECODE_FUZZ_H_
