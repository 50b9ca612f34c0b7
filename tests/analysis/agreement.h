// Counts on how many requests the validator and the production code agree.
#ifndef TENSORD_TESTS_ANALYSIS_AGREEMENT_H_
#define TENSORD_TESTS_ANALYSIS_AGREEMENT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/reference/validity.h"

namespace tensord::test_support {

// An output's sizes; nothing for a request that is refused.
using Output = std::optional<std::vector<int64_t>>;

class Agreement {
 public:
  // Every `analysis_step`-th request is to be analysed too.
  explicit Agreement(int64_t analysis_step) : analysis_step_(analysis_step) {}

  // To be called once for each request. Returns whether this one is to be analysed.
  bool Begin(const Output& expected) {
    legal_ += expected.has_value() ? 1 : 0;
    const bool analyse = ++checked_ % analysis_step_ == 0;
    analysed_ += analyse ? 1 : 0;
    return analyse;
  }

  // `describe()` tells the request; `by` who judged `got`.
  template <typename Describe>
  void Compare(const Output& expected, const Output& got, const char* by, Describe&& describe) {
    if (expected == got || ++disagreements_ > 5) return;
    const auto name = [](const Output& output) { return output.has_value() ? absl::StrJoin(*output, ",") : "refused"; };
    ADD_FAILURE() << describe() << "\n  validator: " << name(expected) << "\n  " << by << ": " << name(got);
  }

  // Prints the counts and fails where something disagreed.
  void Report(const std::string& what) const {
    std::cout << what << ": " << checked_ << " requests checked (" << legal_ << " legal, " << analysed_
              << " analysed too), " << disagreements_ << " disagreements\n";
    EXPECT_EQ(disagreements_, 0);
    EXPECT_GT(legal_, 0);
    EXPECT_LT(legal_, checked_);
  }

 private:
  const int64_t analysis_step_;
  int64_t checked_ = 0;
  int64_t legal_ = 0;
  int64_t analysed_ = 0;
  int64_t disagreements_ = 0;
};

// How many random requests to judge: TENSORD_VALIDATOR_SAMPLES.
inline int64_t ValidatorSamples() {
  const char* count = std::getenv("TENSORD_VALIDATOR_SAMPLES");
  return count == nullptr ? 40'000 : std::atoll(count);
}

// Calls visit with every axis of the domain: sizes 0..6, windows 0..4, strides and dilations -1..3.
inline void ForEachAxis(const std::function<void(reference::AxisRequest&)>& visit) {
  for (int64_t input = 0; input <= 6; ++input) {
    for (int64_t window = 0; window <= 4; ++window) {
      for (int64_t stride = -1; stride <= 3; ++stride) {
        for (int64_t dilation = -1; dilation <= 3; ++dilation) {
          reference::AxisRequest axis{.input = input, .window = window, .stride = stride, .dilation = dilation};
          visit(axis);
        }
      }
    }
  }
}

// Calls visit with every padding of the domain, -1..3 on either side.
inline void ForEachPadding(reference::AxisRequest& axis, const std::function<void()>& visit) {
  for (axis.begin = -1; axis.begin <= 3; ++axis.begin) {
    for (axis.end = -1; axis.end <= 3; ++axis.end) visit();
  }
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_ANALYSIS_AGREEMENT_H_
