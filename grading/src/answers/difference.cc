#include "grading/src/answers/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::grading {
namespace {

constexpr int kMaxCells = 256;

// Whether f(expected) is the answer everywhere. Only what is exactly so is said: a factor of 2 is no rounding.
template <typename Change>
bool Explains(const Comparison& comparison, const Change& change) {
  for (size_t i = 0; i < comparison.answered.size(); ++i) {
    if (comparison.answered[i] != change(comparison.expected[i])) return false;
  }
  return true;
}

// A number that has the property of all elements, found from the first one that is not 0.
std::optional<double> Factor(const Comparison& comparison) {
  for (size_t i = 0; i < comparison.expected.size(); ++i) {
    if (comparison.expected[i] == 0) continue;
    const double factor = comparison.answered[i] / comparison.expected[i];
    if (factor == 0 || !std::isfinite(factor)) return std::nullopt;
    if (!Explains(comparison, [=](double x) { return factor * x; })) return std::nullopt;
    return factor;
  }
  return std::nullopt;
}

std::optional<double> Offset(const Comparison& comparison) {
  const double offset = comparison.answered.front() - comparison.expected.front();
  if (offset == 0 || !std::isfinite(offset)) return std::nullopt;
  if (!Explains(comparison, [=](double x) { return x + offset; })) return std::nullopt;
  return offset;
}

bool IsReversed(const Comparison& comparison) {
  return std::equal(comparison.answered.begin(), comparison.answered.end(), comparison.expected.rbegin());
}

bool IsTransposed(const Comparison& comparison) {
  if (comparison.shape.size() != 2 || comparison.shape[0] != comparison.shape[1]) return false;
  const auto side = static_cast<size_t>(comparison.shape[0]);
  for (size_t i = 0; i < side; ++i) {
    for (size_t k = 0; k < side; ++k) {
      if (comparison.answered[i * side + k] != comparison.expected[k * side + i]) return false;
    }
  }
  return true;
}

// "all of them at index 3 of axis 1", where that says something.
std::string OneSlice(const Comparison& comparison, const std::vector<int64_t>& places) {
  if (places.size() < 2) return "";
  std::vector<int64_t> common = CellOf(places.front(), comparison.shape);
  for (const int64_t place : places) {
    const std::vector<int64_t> cell = CellOf(place, comparison.shape);
    for (size_t axis = 0; axis < common.size(); ++axis) {
      if (cell[axis] != common[axis]) common[axis] = -1;
    }
  }
  std::vector<std::string> said;
  for (size_t axis = 0; axis < common.size(); ++axis) {
    if (common[axis] < 0 || comparison.shape[axis] < 2) continue;
    const bool last = common[axis] == comparison.shape[axis] - 1;
    said.push_back(absl::StrCat("index ", common[axis], last ? " (the last)" : "", " of axis ", axis));
  }
  return said.empty() ? "" : absl::StrCat("all of them at ", absl::StrJoin(said, " and "));
}

// Whether all that differ are at a border, and something inside is right.
bool AtBorders(const Comparison& comparison, const std::vector<int64_t>& places) {
  bool has_inside = false;
  for (size_t i = 0; i < comparison.differs.size() && !has_inside; ++i) {
    const std::vector<int64_t> cell = CellOf(static_cast<int64_t>(i), comparison.shape);
    has_inside = true;
    for (size_t axis = 0; axis < cell.size(); ++axis) {
      if (comparison.shape[axis] > 2 && (cell[axis] == 0 || cell[axis] == comparison.shape[axis] - 1))
        has_inside = false;
    }
  }
  if (!has_inside) return false;
  return std::all_of(places.begin(), places.end(), [&](int64_t place) {
    const std::vector<int64_t> cell = CellOf(place, comparison.shape);
    for (size_t axis = 0; axis < cell.size(); ++axis) {
      if (comparison.shape[axis] > 2 && (cell[axis] == 0 || cell[axis] == comparison.shape[axis] - 1)) return true;
    }
    return false;
  });
}

// Where all that differ are, if that is one place.
std::string Region(const Comparison& comparison, const std::vector<int64_t>& places) {
  std::string slice = OneSlice(comparison, places);
  if (!slice.empty()) return slice;
  return places.size() > 1 && AtBorders(comparison, places) ? "all of them at the borders" : "";
}

std::string Pattern(const Comparison& comparison) {
  if (comparison.answered.size() < 2) return "";
  if (const auto factor = Factor(comparison); factor.has_value()) {
    return absl::StrCat("every element is ", NumberText(*factor), " times the right one");
  }
  if (const auto offset = Offset(comparison); offset.has_value()) {
    return absl::StrCat("every element is the right one plus ", NumberText(*offset));
  }
  if (IsReversed(comparison)) return "the elements are the right ones in the opposite order";
  return IsTransposed(comparison) ? "it is the right one with rows and columns exchanged" : "";
}

}  // namespace

void Locate(const Comparison& comparison, Judgement& judgement) {
  std::vector<int64_t> places;
  int64_t worst = 0;
  double most = -1;
  for (size_t i = 0; i < comparison.differs.size(); ++i) {
    if (!comparison.differs[i]) continue;
    places.push_back(static_cast<int64_t>(i));
    const double off = std::fabs(comparison.answered[i] - comparison.expected[i]);
    const double size = std::isnan(off) ? std::numeric_limits<double>::infinity() : off;
    if (size > most) {
      most = size;
      worst = static_cast<int64_t>(i);
    }
  }
  v1::Difference& difference = judgement.difference.emplace();
  difference.set_differing_count(static_cast<int64_t>(places.size()));
  difference.set_element_count(static_cast<int64_t>(comparison.differs.size()));
  const std::vector<int64_t> cell = CellOf(worst, comparison.shape);
  difference.mutable_worst_cell()->Add(cell.begin(), cell.end());
  difference.mutable_shape()->Add(comparison.shape.begin(), comparison.shape.end());
  for (size_t i = 0; i < places.size() && i < kMaxCells; ++i) difference.add_cells(places[i]);
  difference.set_answered(NumberText(comparison.answered[static_cast<size_t>(worst)]));
  difference.set_expected(NumberText(comparison.expected[static_cast<size_t>(worst)]));
  if (comparison.shape.empty()) {
    difference.set_text("the number is another one");
    return;
  }
  const std::string region = Region(comparison, places);
  difference.set_text(absl::StrCat(places.size(), " of ", comparison.differs.size(),
                                   comparison.differs.size() == 1 ? " element differs" : " elements differ",
                                   ", most at ", CellText(cell), region.empty() ? "" : "; ", region));
  if (std::string pattern = Pattern(comparison); !pattern.empty()) judgement.patterns.push_back(std::move(pattern));
}

void OtherShape(absl::Span<const int64_t> answered, absl::Span<const int64_t> expected, Judgement& judgement) {
  v1::Difference& difference = judgement.difference.emplace();
  const std::optional<int64_t> count = ElementCount(expected);
  difference.set_differing_count(count.value_or(0));
  difference.set_element_count(count.value_or(0));
  difference.set_text(absl::StrCat("the shape ", CellText(answered), " is not the right one"));
  difference.set_answered(CellText(answered));
  difference.set_expected(CellText(expected));
  if (answered.size() == expected.size() &&
      std::is_permutation(answered.begin(), answered.end(), expected.begin(), expected.end())) {
    judgement.patterns.emplace_back("the axes are in another order");
  } else if (ElementCount(answered) == count) {
    judgement.patterns.emplace_back("it has as many elements, in another shape");
  }
}

}  // namespace tensord::grading
