#include "client/cli/bench/histogram_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tensord::cli {
namespace {

constexpr int kBarWidth = 40;
constexpr int64_t kFirstDecadeNs = 1000;
constexpr int64_t kTenths[] = {10, 15, 20, 30, 50, 70};

// What is there, but too little for a mark, is a dot.
std::string Bar(uint64_t count, uint64_t most) {
  if (count == 0) return "";
  const auto marks = std::lround(static_cast<double>(count) / static_cast<double>(most) * kBarWidth);
  return marks == 0 ? "." : std::string(static_cast<size_t>(marks), '#');
}

}  // namespace

std::vector<HistogramRow> HistogramRows(const load::Histogram& histogram) {
  std::vector<HistogramRow> rows;
  uint64_t before = 0;
  for (int64_t decade = kFirstDecadeNs; before < histogram.count(); decade *= 10) {
    for (const int64_t tenths : kTenths) {
      // The last decade reaches to the end of the clock.
      const bool fits = decade / 10 <= std::numeric_limits<int64_t>::max() / tenths / 10;
      const int64_t up_to = fits ? decade / 10 * tenths : std::numeric_limits<int64_t>::max();
      const uint64_t so_far = histogram.CountUpTo(up_to);
      if (so_far > 0) rows.push_back({.up_to_ns = up_to, .count = so_far - before});
      before = so_far;
      if (before == histogram.count()) break;
    }
  }
  return rows;
}

std::string HistogramText(const load::Histogram& histogram, const Style& style) {
  const std::vector<HistogramRow> rows = HistogramRows(histogram);
  if (rows.empty()) return "";
  const auto all = static_cast<double>(histogram.count());
  uint64_t most = 0;
  for (const HistogramRow& row : rows) most = std::max(most, row.count);
  std::string text =
      style.Bold(absl::StrFormat("%10s  %12s  %8s  %8s", "up to, ms", "calls", "share", "so far")) + "\n";
  uint64_t so_far = 0;
  for (const HistogramRow& row : rows) {
    so_far += row.count;
    const std::string bar = Bar(row.count, most);
    absl::StrAppendFormat(&text, "%10.7g  %12d  %6.2f %%  %6.2f %%%s%s\n", static_cast<double>(row.up_to_ns) / 1e6,
                          row.count, 100 * static_cast<double>(row.count) / all,
                          100 * static_cast<double>(so_far) / all, bar.empty() ? "" : "  ",
                          bar.empty() ? "" : style.High(bar));
  }
  return text;
}

}  // namespace tensord::cli
