// The fuzz targets of whole models over their corpora.
#include "tests/fuzz/onnx_fuzz.h"
#include "tests/fuzz/replay_suite.h"

namespace tensord::fuzz {
namespace {

INSTANTIATE_TEST_SUITE_P(Model, ReplayTest,
                         testing::Values(Replay{"onnx", &RunOnnx, {"fuzz/corpus/onnx", "regression/onnx"}}),
                         ReplayName);

}  // namespace
}  // namespace tensord::fuzz
