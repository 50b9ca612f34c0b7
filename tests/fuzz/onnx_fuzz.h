// Models of any bytes, read and analysed.
#ifndef TENSORD_TESTS_FUZZ_ONNX_FUZZ_H_
#define TENSORD_TESTS_FUZZ_ONNX_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the bytes are an ONNX file. Aborts where what is stripped of its weights is not read as the same
// graph or loses more when it is stripped again, where an analysis has more layers than the graph has nodes, or where
// an error has a code that no bad model may get, says nothing, or cannot be shown.
void RunOnnx(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_ONNX_FUZZ_H_
