// How far a batch is, in one line.
#ifndef TENSORD_CLI_BATCH_PROGRESS_BAR_H_
#define TENSORD_CLI_BATCH_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "client/cli/batch/answer_writer.h"

namespace tensord::cli {

// `[=====>    ]  52 %  5200 done, 3 failed, 1234/s, 4 s left`; without the bar and the time left where `fraction`,
// how much of the file has been read (0 to 1), is not known.
[[nodiscard]] std::string ProgressText(const BatchCounts& counts, std::optional<double> fraction, double seconds);

// `10000 operations in 3.2 s (3125/s): 9990 done, 10 failed`
[[nodiscard]] std::string SummaryText(const BatchCounts& counts, double seconds);

// Shows the first of these on a terminal, five times a second at most. One thread.
class ProgressBar {
 public:
  // Shows nothing where `err` is null.
  explicit ProgressBar(std::ostream* err) : err_(err) {}

  void Show(const BatchCounts& counts, std::optional<double> fraction);
  // Erases it.
  void Clear();
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  std::ostream* const err_;
  const Clock::time_point began_ = Clock::now();
  std::optional<Clock::time_point> shown_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BATCH_PROGRESS_BAR_H_
