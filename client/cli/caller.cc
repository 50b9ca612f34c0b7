#include "client/cli/caller.h"

namespace tensord::cli {

void Progress::WaitFor(const std::function<bool(std::chrono::milliseconds)>& ready) {
  constexpr std::chrono::milliseconds kSecond{1'000};
  bool shown = false;
  for (int seconds = 1; !ready(kSecond); ++seconds) {
    if (err_ == nullptr) continue;
    *err_ << "\rworking, " << seconds << " s" << std::flush;
    shown = true;
  }
  // Back to the line's start, and erase to its end.
  if (shown) *err_ << "\r\x1b[K" << std::flush;
}

}  // namespace tensord::cli
