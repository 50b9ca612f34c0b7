#include "client/cli/commands/pooling_common.h"

#include "absl/strings/str_join.h"

namespace tensord::cli {

void PoolingOperands::Declare(CLI::App& app) {
  kind_.Declare(app, "--kind", absl::StrJoin(PoolingKindNames(), "|"),
                "The largest of a window, its average, its first cell, or its p-norm. Required");
  input_.Declare(app, "--input", "T", "The input. Required");
  window_.Declare(app);
  pooling_.Declare(app);
  type_.Declare(app);
  numbers_.Declare(app);
}

}  // namespace tensord::cli
