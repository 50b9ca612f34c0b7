// The mixes of calls that `tensorctl bench` can make, as a list.
#ifndef TENSORD_CLI_BENCH_MIXES_H_
#define TENSORD_CLI_BENCH_MIXES_H_

#include <string>

#include "client/cli/report.h"
#include "client/cli/style.h"

namespace tensord::cli {

[[nodiscard]] Report MixesReport();
[[nodiscard]] std::string MixesText(const Style& style);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BENCH_MIXES_H_
