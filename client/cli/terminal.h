// The terminal that is written to.
#ifndef TENSORD_CLI_TERMINAL_H_
#define TENSORD_CLI_TERMINAL_H_

#include <cstddef>

namespace tensord::cli {

// How wide text on standard output may be: the terminal, or what fits a page where it is none.
[[nodiscard]] size_t TextWidth();

}  // namespace tensord::cli

#endif  // TENSORD_CLI_TERMINAL_H_
