// Command lines of the benchmarks.
#ifndef TENSORD_BENCH_COMMAND_LINE_H_
#define TENSORD_BENCH_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <optional>

namespace tensord::bench {

// Reads it into `app`'s options; the exit code where the program ends here: 0 after --help, 2 for wrong usage.
inline std::optional<int> ParseCommandLine(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_COMMAND_LINE_H_
