// The fuzz target of formulas over its corpus.
#include "tests/fuzz/formula_fuzz.h"
#include "tests/fuzz/replay_suite.h"

namespace tensord::fuzz {
namespace {

INSTANTIATE_TEST_SUITE_P(Formula, ReplayTest,
                         testing::Values(Replay{"formula", &RunFormula, {"fuzz/corpus/formula", "regression/formula"}}),
                         ReplayName);

}  // namespace
}  // namespace tensord::fuzz
