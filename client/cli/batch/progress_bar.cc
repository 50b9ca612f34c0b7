#include "client/cli/batch/progress_bar.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tensord::cli {
namespace {

constexpr int kWidth = 24;
constexpr std::chrono::milliseconds kPause{200};

std::string Bar(double fraction) {
  const int full = static_cast<int>(fraction * kWidth);
  std::string bar(static_cast<size_t>(full), '=');
  if (full < kWidth) bar += '>';
  bar.resize(kWidth, ' ');
  return absl::StrFormat("[%s] %3.0f %%  ", bar, 100 * fraction);
}

double Rate(const BatchCounts& counts, double seconds) {
  return seconds > 0 ? static_cast<double>(counts.done) / seconds : 0;
}

}  // namespace

std::string ProgressText(const BatchCounts& counts, std::optional<double> fraction, double seconds) {
  std::string text;
  if (fraction.has_value()) text = Bar(std::clamp(*fraction, 0.0, 1.0));
  absl::StrAppendFormat(&text, "%d done, %d failed, %.0f/s", counts.done - counts.failed, counts.failed,
                        Rate(counts, seconds));
  if (fraction.has_value() && *fraction > 0.01 && *fraction < 1) {
    absl::StrAppendFormat(&text, ", %.0f s left", std::ceil(seconds / *fraction * (1 - *fraction)));
  }
  return text;
}

std::string SummaryText(const BatchCounts& counts, double seconds) {
  return absl::StrFormat("%d %s in %.1f s (%.0f/s): %d done, %d failed", counts.done,
                         counts.done == 1 ? "operation" : "operations", seconds, Rate(counts, seconds),
                         counts.done - counts.failed, counts.failed);
}

void ProgressBar::Show(const BatchCounts& counts, std::optional<double> fraction) {
  const Clock::time_point now = Clock::now();
  if (err_ == nullptr || (shown_.has_value() && now - *shown_ < kPause)) return;
  shown_ = now;
  *err_ << "\r" << ProgressText(counts, fraction, seconds()) << "\x1b[K" << std::flush;
}

void ProgressBar::Clear() {
  if (shown_.has_value()) *err_ << "\r\x1b[K" << std::flush;
  shown_.reset();
}

double ProgressBar::seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

}  // namespace tensord::cli
