#include "client/cli/flags/chunks.h"

namespace tensord::cli {

void ChunkFlag::Declare(CLI::App& app) {
  option_ = app.add_option("--chunk-bytes", bytes_,
                           "Send a batch in messages of about so many bytes of input (4MiB), whole samples, which are "
                           "computed while the next ones travel; 0: as one message. Default: as one, unless it is "
                           "larger than a message can be (256MiB)")
                ->transform(CLI::AsSizeValue(false))
                ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
                ->option_text("SIZE");
}

}  // namespace tensord::cli
