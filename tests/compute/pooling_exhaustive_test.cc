// Every 1-D pooling of a small domain: what the resolver says of it, against a validator that was written from the
// protos' comments alone and tries everything one element at a time.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/unpooling.h"

namespace tensord::compute {
namespace {

struct Request {
  PoolingKind kind = PoolingKind::kMax;
  LengthRule rule = LengthRule::kFloor;
  EmptyWindow empty = EmptyWindow::kRefuse;
  PaddingMode mode = PaddingMode::kExplicit;
  int64_t size = 0;
  int64_t window = 0;
  int64_t stride = 0;
  int64_t dilation = 0;
  int64_t begin = 0;
  int64_t end = 0;
};

std::string Text(const Request& r) {
  return absl::StrCat(Name(r.kind), " ", Name(r.rule), " ", Name(r.mode), " ", Name(r.empty), " N=", r.size,
                      " window=", r.window, " s=", r.stride, " d=", r.dilation, " pb=", r.begin, " pe=", r.end);
}

// How many windows there are, by stepping from each to the next; 0 for none.
int64_t CountBySteps(const Request& r, int64_t begin, int64_t end) {
  const int64_t extent = r.dilation * (r.window - 1) + 1;
  const int64_t padded = begin + r.size + end;
  int64_t count = 0;
  if (r.rule == LengthRule::kStartInside) {
    for (int64_t start = 0; start < begin + r.size; start += r.stride) ++count;
    return count;
  }
  for (int64_t start = 0; start + extent <= padded; start += r.stride) ++count;
  if (r.rule == LengthRule::kFloor) return count;
  // CEIL: one more where the whole windows do not end with the padded input; where not one is whole, the first counts
  // if less than a stride is missing. Then one less if the last starts at or past the input's end.
  const bool rounded = count == 0 ? extent - padded < r.stride : (count - 1) * r.stride + extent < padded;
  if (rounded) ++count;
  return (count - 1) * r.stride >= begin + r.size ? count - 1 : count;
}

bool HoldsAnElement(const Request& r, int64_t begin, int64_t output) {
  for (int64_t k = 0; k < r.window; ++k) {
    const int64_t p = output * r.stride + k * r.dilation - begin;
    if (p >= 0 && p < r.size) return true;
  }
  return false;
}

// The output's length, or nothing where the request has to be refused.
std::optional<int64_t> Expected(const Request& r) {
  if (r.size < 1 || r.window < 1 || r.stride < 1 || r.dilation < 1) return std::nullopt;
  const int64_t extent = r.dilation * (r.window - 1) + 1;
  int64_t begin = r.begin;
  int64_t end = r.end;
  int64_t count = 0;
  if (r.mode == PaddingMode::kSameUpper || r.mode == PaddingMode::kSameLower) {
    for (int64_t start = 0; start < r.size; start += r.stride) ++count;
    int64_t total = 0;
    while ((count - 1) * r.stride + extent > r.size + total) ++total;
    begin = r.mode == PaddingMode::kSameUpper ? total / 2 : total - total / 2;
    end = total - begin;
  } else {
    if (r.mode == PaddingMode::kFull) begin = end = extent - 1;
    if (begin < 0 || end < 0 || (r.rule == LengthRule::kStartInside && end > 0)) return std::nullopt;
    count = CountBySteps(r, begin, end);
  }
  if (count < 1) return std::nullopt;
  if (r.kind == PoolingKind::kMax && r.empty == EmptyWindow::kNegativeInfinity) return count;
  for (int64_t output = 0; output < count; ++output) {
    if (!HoldsAnElement(r, begin, output)) return std::nullopt;
  }
  return count;
}

PoolingConventions ConventionsOf(const Request& r) {
  PoolingConventions given{.window = {r.window}, .strides = {r.stride}, .dilations = {r.dilation}};
  given.length_rule = r.rule;
  given.padding.mode = r.mode;
  if (r.mode == PaddingMode::kExplicit) {
    given.padding.begin = {r.begin};
    given.padding.end = {r.end};
  }
  if (r.kind == PoolingKind::kAverage) given.average_divisor = AverageDivisor::kExcluded;
  if (r.kind == PoolingKind::kMax) given.empty_window = r.empty;
  return given;
}

struct Tally {
  int64_t checked = 0;
  int64_t accepted = 0;
};

// Compares for pooling and, from the pooled and the unpooled shape, for unpooling.
void Check(const Request& r, Tally& tally) {
  const std::optional<int64_t> expected = Expected(r);
  const PoolingConventions given = ConventionsOf(r);
  Violations violations;
  const auto geometry = ResolvePooling(r.kind, given, Profile::kNone, {r.size}, {}, {}, violations);
  ++tally.checked;
  tally.accepted += expected.has_value() ? 1 : 0;
  ASSERT_EQ(geometry.has_value(), expected.has_value()) << Text(r) << " " << violations.ToStatus();
  ASSERT_EQ(geometry.has_value(), violations.empty()) << Text(r);
  if (geometry.has_value()) {
    ASSERT_EQ(geometry->output_shape[0], *expected) << Text(r);
  }
  if (r.kind != PoolingKind::kMax) return;
  for (const int64_t pooled : {expected.value_or(1), expected.value_or(1) + 1}) {
    Violations unpooling;
    const auto undone = ResolveUnpooling(given, Profile::kNone, {pooled}, Shape{r.size}, {}, {}, unpooling);
    ASSERT_EQ(undone.has_value(), expected == pooled) << Text(r) << " " << unpooling.ToStatus();
    ASSERT_EQ(undone.has_value(), unpooling.empty()) << Text(r);
  }
}

template <typename Visit>
void ForEachRequest(Visit&& visit) {
  Request r;
  for (r.size = 0; r.size <= 6; ++r.size)
    for (r.window = 0; r.window <= 4; ++r.window)
      for (r.stride = -1; r.stride <= 3; ++r.stride)
        for (r.dilation = -1; r.dilation <= 3; ++r.dilation)
          for (const LengthRule rule : {LengthRule::kFloor, LengthRule::kCeil, LengthRule::kStartInside}) {
            r.rule = rule;
            r.mode = PaddingMode::kExplicit;
            for (r.begin = -1; r.begin <= 3; ++r.begin)
              for (r.end = -1; r.end <= 3; ++r.end) visit(r);
            for (const PaddingMode mode : {PaddingMode::kSameUpper, PaddingMode::kSameLower, PaddingMode::kFull}) {
              r.mode = mode;
              visit(r);
            }
          }
}

TEST(PoolingExhaustiveTest, MaximaAgree) {
  Tally tally;
  ForEachRequest([&](Request r) {
    for (const EmptyWindow empty : {EmptyWindow::kRefuse, EmptyWindow::kNegativeInfinity}) {
      r.empty = empty;
      Check(r, tally);
    }
  });
  EXPECT_EQ(tally.checked, 2 * 7 * 5 * 5 * 5 * 3 * 28);
  EXPECT_GT(tally.accepted, 10000);
  RecordProperty("requests", std::to_string(tally.checked));
}

TEST(PoolingExhaustiveTest, AveragesAndNormsAgree) {
  Tally tally;
  ForEachRequest([&](Request r) {
    for (const PoolingKind kind : {PoolingKind::kAverage, PoolingKind::kLp}) {
      r.kind = kind;
      Check(r, tally);
    }
  });
  EXPECT_EQ(tally.checked, 2 * 7 * 5 * 5 * 5 * 3 * 28);
  EXPECT_GT(tally.accepted, 10000);
}

}  // namespace
}  // namespace tensord::compute
