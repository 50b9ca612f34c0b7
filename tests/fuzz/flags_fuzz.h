// Values of tensorctl's flags, of any bytes.
#ifndef TENSORD_TESTS_FUZZ_FLAGS_FUZZ_H_
#define TENSORD_TESTS_FUZZ_FLAGS_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the first byte picks a parser of client/cli/flags or client/cli/number; the others are the text.
// Aborts where an error says nothing or cannot be shown, or where a number does not survive being written and read.
void RunFlags(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_FLAGS_FUZZ_H_
