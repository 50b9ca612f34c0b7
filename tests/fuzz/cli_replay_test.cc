// The command line's fuzz targets over their corpora.
#include "tests/fuzz/files_fuzz.h"
#include "tests/fuzz/flags_fuzz.h"
#include "tests/fuzz/messages_fuzz.h"
#include "tests/fuzz/model_file_fuzz.h"
#include "tests/fuzz/replay_suite.h"

namespace tensord::fuzz {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Cli, ReplayTest,
    testing::Values(Replay{"files", &RunFiles, {"fuzz/corpus/files", "regression/files"}},
                    Replay{"flags", &RunFlags, {"fuzz/corpus/flags", "regression/flags"}},
                    Replay{"messages", &RunMessages, {"fuzz/corpus/messages"}},
                    Replay{"model_file", &RunModelFile, {"fuzz/corpus/model_file", "regression/model_file"}}),
    ReplayName);

}  // namespace
}  // namespace tensord::fuzz
