// libFuzzer's entry point for the target that the build names.
#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {
void TENSORD_FUZZ_TARGET(const uint8_t* data, size_t size);
}  // namespace tensord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tensord::fuzz::TENSORD_FUZZ_TARGET(data, size);
  return 0;
}
