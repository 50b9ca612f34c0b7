// A histogram of latencies as lines of text.
#ifndef TENSORD_CLI_BENCH_HISTOGRAM_TEXT_H_
#define TENSORD_CLI_BENCH_HISTOGRAM_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/cli/style.h"
#include "client/load/histogram.h"

namespace tensord::cli {

struct HistogramRow {
  int64_t up_to_ns = 0;  // its largest; the row before has the smaller ones
  uint64_t count = 0;
};

// Six rows for each power of ten (1, 1.5, 2, 3, 5, 7), from the first that holds something to the last; those in
// between that hold nothing are there, so that the scale is even.
[[nodiscard]] std::vector<HistogramRow> HistogramRows(const load::Histogram& histogram);

// A heading, then a line for each row with its count, its share, what share it and those above it make, and a bar; at
// most 90 columns. Empty where nothing was recorded.
[[nodiscard]] std::string HistogramText(const load::Histogram& histogram, const Style& style);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BENCH_HISTOGRAM_TEXT_H_
