#include "client/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace tensord::cli {

size_t TextWidth() {
  constexpr size_t kPage = 120;
  winsize size = {};
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kPage;
}

}  // namespace tensord::cli
