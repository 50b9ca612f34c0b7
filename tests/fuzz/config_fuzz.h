// The daemon's settings, from a file or a command line of any bytes.
#ifndef TENSORD_TESTS_FUZZ_CONFIG_FUZZ_H_
#define TENSORD_TESTS_FUZZ_CONFIG_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: where the first byte is even, the others are the YAML file; where it is odd, the command line, one
// argument a line. Aborts where there are neither settings nor problems, where a problem cannot be shown, where
// settings break the rules that they were checked for, or where --print-config is not read back as the same settings.
void RunConfig(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_CONFIG_FUZZ_H_
