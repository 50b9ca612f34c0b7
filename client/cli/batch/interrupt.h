// Ctrl-C as a wish to stop, for a command that has something to finish.
#ifndef TENSORD_CLI_BATCH_INTERRUPT_H_
#define TENSORD_CLI_BATCH_INTERRUPT_H_

#include <csignal>

namespace tensord::cli {

// While it lives, the first SIGINT is noted, and breaks off a read from standard input; the second ends the process.
// One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] bool requested() const;

 private:
  struct sigaction before_ = {};
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BATCH_INTERRUPT_H_
