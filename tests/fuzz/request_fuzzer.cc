// libFuzzer's entry point: build/fuzz/bin/request_fuzzer tests/fuzz/corpus/request
#include "tests/fuzz/request_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)tensord::fuzz::RunRequest(data, size);
  return 0;
}
