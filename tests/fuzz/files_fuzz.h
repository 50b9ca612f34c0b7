// Files of any bytes, read as tensorctl reads tensors.
#ifndef TENSORD_TESTS_FUZZ_FILES_FUZZ_H_
#define TENSORD_TESTS_FUZZ_FILES_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the first byte modulo 6 picks a reader (npy, npz, json, csv, png, pgm) and divided by 6 the type
// that text is read as; the others are the file. Aborts where the tensor is not what its shape says or does not survive
// being written and read again, or where an error says nothing or cannot be shown.
void RunFiles(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_FILES_FUZZ_H_
