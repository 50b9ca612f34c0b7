#include "grading/src/shape_formula/search.h"

#include <algorithm>

#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {
namespace {

// More than any sum that is reached, and far from overflow when some are added.
constexpr int64_t kUnbounded = int64_t{1} << 50;

}  // namespace

SmallestFirst::SmallestFirst(const Comparison& comparison) : comparison_(comparison), batch_(comparison) {
  for (const int variable : comparison.relevant) {
    const VariableRange& range = comparison.ranges[static_cast<size_t>(variable)];
    most_.push_back(range.most.has_value() ? *range.most - range.least : kUnbounded);
    least_sum_ += range.least;
    widest_ += most_.back();
  }
  offsets_.resize(most_.size(), 0);
}

void SmallestFirst::Fill(size_t begin, int64_t sum) {
  for (size_t i = offsets_.size(); i-- > begin;) {
    offsets_[i] = std::min(sum, most_[i]);
    sum -= offsets_[i];
  }
}

void SmallestFirst::BeginShell() {
  Fill(0, shell_);
  in_shell_ = true;
  if (shell_ > certified_) CertifyUpTo(std::min(widest_, std::max<int64_t>(2 * shell_, 64)));
}

bool SmallestFirst::Next() {
  // One is moved leftwards from the variables right of i, and what stays there is filled in anew.
  int64_t right = 0;
  for (size_t i = offsets_.size(); i-- > 0;) {
    if (right > 0 && offsets_[i] < most_[i]) {
      ++offsets_[i];
      Fill(i + 1, right - 1);
      return true;
    }
    right += offsets_[i];
  }
  return false;
}

void SmallestFirst::CertifyUpTo(int64_t shell) {
  certified_ = shell;
  std::vector<int64_t> least = LeastPoint(comparison_.ranges);
  std::vector<int64_t> most = least;
  for (size_t i = 0; i < most_.size(); ++i) {
    most[static_cast<size_t>(comparison_.relevant[i])] += std::min(shell, most_[i]);
  }
  batch_.Certify(least, most);
}

void SmallestFirst::Flush() {
  if (lane_count_ == 0) return;
  const BatchComparer::Result result = batch_.Run(lane_count_);
  const auto point_at = [this](size_t lane) {
    std::vector<int64_t> point = LeastPoint(comparison_.ranges);
    for (const int variable : comparison_.relevant)
      point[static_cast<size_t>(variable)] = batch_.column(variable)[lane];
    return point;
  };
  if (result.different.has_value()) different_ = point_at(*result.different);
  if (result.overflow.has_value() && !overflow_.has_value()) overflow_ = point_at(*result.overflow);
  point_count_ += lane_count_;
  work_ += lane_count_ * batch_.PointCost();
  lane_count_ = 0;
}

void SmallestFirst::Run(uint64_t work, std::optional<int64_t> last_sum) {
  const uint64_t end = work_ + work;
  while (!finished_ && !different_.has_value() && work_ < end) {
    if (!in_shell_) {
      if (last_sum.has_value() && least_sum_ + shell_ > *last_sum) break;
      Flush();  // before the box of the points grows
      if (different_.has_value()) return;
      BeginShell();
    }
    for (size_t i = 0; i < offsets_.size(); ++i) {
      const int variable = comparison_.relevant[i];
      batch_.column(variable)[lane_count_] = comparison_.ranges[static_cast<size_t>(variable)].least + offsets_[i];
    }
    if (++lane_count_ == BatchComparer::kLanes) Flush();
    if (Next()) continue;
    in_shell_ = false;
    ++shell_;
    finished_ = shell_ > widest_;
  }
  Flush();
}

namespace {

// Values of one variable: its first few, those around the formulas' constants, around powers, and its last.
std::vector<int64_t> FarValues(const Comparison& comparison, const VariableRange& range) {
  std::vector<int64_t> values;
  const auto add = [&](Int128 value) {
    if (value < range.least || value > range.most.value_or(ShapeFormulaJudge::kMostValue)) return;
    values.push_back(static_cast<int64_t>(value));
  };
  for (int i = 0; i < 6; ++i) add(Int128{range.least} + i);
  for (const Int128 center : {Int128{16}, Int128{100}, Int128{1000}, Int128{4096}, Int128{1000003}}) {
    for (int i = -1; i <= 1; ++i) add(center + i);
  }
  constexpr size_t kMaxValues = 64;
  for (const Instruction& instruction : comparison.program.instructions()) {
    if (instruction.op != Op::kConstant || values.size() > kMaxValues) continue;
    for (int i = -1; i <= 1; ++i) {
      Int128 value = 0;
      if (Add(instruction.constant, i, &value)) add(value);
    }
  }
  if (range.most.has_value()) {
    add(*range.most);
    add(Int128{*range.most} - 1);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

FarSearch SearchFar(const Comparison& comparison) {
  constexpr uint64_t kPoints = 20'000;
  constexpr uint64_t kWork = 2'000'000;
  std::vector<std::vector<int64_t>> values;
  uint64_t product = 1;
  for (const int variable : comparison.relevant) {
    values.push_back(FarValues(comparison, comparison.ranges[static_cast<size_t>(variable)]));
    product = std::min<uint64_t>(product * values.back().size(), uint64_t{1} << 40);
  }
  FarSearch result;
  std::vector<int64_t> point = LeastPoint(comparison.ranges);
  uint64_t random = 1;
  // Large programs are tried at fewer.
  const uint64_t most = kWork / std::max<uint64_t>(comparison.program.instructions().size(), 1);
  for (uint64_t i = 0; i < std::min({product, kPoints, most}); ++i) {
    uint64_t digits = i;
    for (size_t v = 0; v < values.size(); ++v) {
      // All of the product where it is small; else as chance, the same each time, has it (Knuth's MMIX constants).
      random = random * 6364136223846793005U + 1442695040888963407U;
      const uint64_t choice = product <= kPoints ? digits : random >> 33;
      point[static_cast<size_t>(comparison.relevant[v])] = values[v][choice % values[v].size()];
      digits /= values[v].size();
    }
    ++result.point_count;
    const PointResult compared = CompareAt(comparison, point);
    if (compared == PointResult::kOverflow && !result.overflow.has_value()) result.overflow = point;
    if (compared != PointResult::kDifferent) continue;
    result.different = point;
    return result;
  }
  return result;
}

std::vector<int64_t> Descend(const Comparison& comparison, std::vector<int64_t> point) {
  bool moved = true;
  for (int round = 0; moved && round < 100; ++round) {
    moved = false;
    for (const int variable : comparison.relevant) {
      int64_t& value = point[static_cast<size_t>(variable)];
      const int64_t least = comparison.ranges[static_cast<size_t>(variable)].least;
      for (int64_t step = value - least; step > 0; step = std::min(step / 2, value - least)) {
        value -= step;
        if (CompareAt(comparison, point) == PointResult::kDifferent) {
          moved = true;
        } else {
          value += step;
        }
      }
    }
  }
  return point;
}

}  // namespace tensord::grading::shapes
