// Descriptions of models that are any text.
#ifndef TENSORD_TESTS_FUZZ_MODEL_FILE_FUZZ_H_
#define TENSORD_TESTS_FUZZ_MODEL_FILE_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the bytes are a description in YAML or JSON. Aborts where a model that was read has a name twice, a
// node that takes what is not there, or more of anything than the reader says; where the server does not get a graph of
// as many nodes from it, or its analysis ends otherwise than well or with an error of the model; and where an error has
// a code that no bad model may get, says nothing or too much, or cannot be shown.
void RunModelFile(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_MODEL_FILE_FUZZ_H_
