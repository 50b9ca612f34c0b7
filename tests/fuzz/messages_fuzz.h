// Texts of any bytes, read as the messages that people write.
#ifndef TENSORD_TESTS_FUZZ_MESSAGES_FUZZ_H_
#define TENSORD_TESTS_FUZZ_MESSAGES_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the first byte picks the message (an assignment, or a submission where it is odd) and the format
// (YAML, JSON or text format, by half of it modulo 3); the others are the file, which may name no other. Aborts where a
// message that was read does not survive the wire, or where an error says nothing, no place, or cannot be shown.
void RunMessages(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_MESSAGES_FUZZ_H_
