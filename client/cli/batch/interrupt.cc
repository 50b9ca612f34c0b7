#include "client/cli/batch/interrupt.h"

namespace tensord::cli {
namespace {

volatile std::sig_atomic_t is_requested = 0;

void Note(int /*signal_number*/) { is_requested = 1; }

}  // namespace

Interrupt::Interrupt() {
  is_requested = 0;
  struct sigaction action = {};
  action.sa_handler = Note;
  sigemptyset(&action.sa_mask);
  // Without SA_RESTART: a read returns.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &before_);
}

Interrupt::~Interrupt() { sigaction(SIGINT, &before_, nullptr); }

bool Interrupt::requested() const { return is_requested != 0; }

}  // namespace tensord::cli
