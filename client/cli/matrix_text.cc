#include "client/cli/matrix_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/number.h"

namespace tensord::cli {
namespace {

constexpr int64_t kLeftOut = -1;
constexpr int kDigits = 7;
constexpr size_t kWidth = 110;
constexpr size_t kPlacesShown = 6;

// The indices to show of an axis: all, or the first and last few around kLeftOut.
std::vector<int64_t> ShownIndices(int64_t size, int64_t most) {
  std::vector<int64_t> shown;
  const int64_t edge = size <= most ? size : std::max<int64_t>(1, most / 2);
  for (int64_t i = 0; i < edge; ++i) shown.push_back(i);
  if (size <= most) return shown;
  shown.push_back(kLeftOut);
  for (int64_t i = size - edge; i < size; ++i) shown.push_back(i);
  return shown;
}

// Where the largest and smallest are; -1 where there is no number.
struct Extremes {
  int64_t largest = -1;
  int64_t smallest = -1;
  int64_t nan_count = 0;
  int64_t first_nan = -1;
};

bool IsNan(const Elements& elements, int64_t i) { return !IsInteger(elements.type()) && std::isnan(elements.Real(i)); }

Extremes FindExtremes(const Elements& elements) {
  Extremes found;
  for (int64_t i = 0; i < elements.count(); ++i) {
    if (IsNan(elements, i)) {
      if (found.nan_count++ == 0) found.first_nan = i;
      continue;
    }
    if (found.largest < 0 || elements.Less(found.largest, i)) found.largest = i;
    if (found.smallest < 0 || elements.Less(i, found.smallest)) found.smallest = i;
  }
  return found;
}

bool Equal(const Elements& elements, int64_t i, int64_t j) {
  return !IsNan(elements, i) && !IsNan(elements, j) && !elements.Less(i, j) && !elements.Less(j, i);
}

// One number, cut at its decimal point.
struct Cell {
  std::string whole;
  std::string fraction;
  int64_t flat = 0;
};

class Formatter {
 public:
  Formatter(const Elements& elements, const std::string& axes, const Style& style)
      : elements_(elements), axes_(axes), style_(style), extremes_(FindExtremes(elements)) {
    const size_t rank = elements.shape().size();
    if (axes_.size() != rank) axes_.clear();
    strides_.assign(rank, 1);
    for (size_t axis = rank; axis-- > 1;) strides_[axis - 1] = strides_[axis] * elements.shape()[axis];
    ChooseMatrixAxes();
  }

  MatrixText Format() {
    if (elements_.count() == 0) return {"(no elements)\n", false, false};
    std::vector<size_t> others;
    for (size_t axis = 0; axis < elements_.shape().size(); ++axis) {
      if (axis != row_axis_ && axis != column_axis_) others.push_back(axis);
    }
    int64_t slices = 1;
    for (const size_t axis : others) slices *= elements_.shape()[axis];
    for (const int64_t slice : ShownIndices(slices, 8)) {
      if (slice == kLeftOut) {
        result_.abbreviated = true;
        result_.text += "...\n";
        continue;
      }
      int64_t rest = slice;
      int64_t start = 0;
      std::vector<std::string> label;
      for (size_t k = others.size(); k-- > 0;) {
        const int64_t index = rest % elements_.shape()[others[k]];
        rest /= elements_.shape()[others[k]];
        start += index * strides_[others[k]];
        label.insert(label.begin(), absl::StrCat(AxisName(others[k]), " = ", index));
      }
      if (!label.empty()) absl::StrAppend(&result_.text, style_.Dim(absl::StrJoin(label, ", ")), ":\n");
      AppendMatrix(start);
    }
    return std::move(result_);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  std::string AxisName(size_t axis) const {
    if (axes_.empty()) return absl::StrCat("axis ", axis);
    return std::string(1, absl::ascii_tolower(static_cast<unsigned char>(axes_[axis])));
  }

  void ChooseMatrixAxes() {
    const size_t rank = elements_.shape().size();
    if (rank >= 1) column_axis_ = rank - 1;
    if (rank >= 2) row_axis_ = rank - 2;
    const size_t height = axes_.find('H');
    const size_t width = axes_.find('W');
    if (height == std::string::npos || width == std::string::npos) return;
    row_axis_ = height;
    column_axis_ = width;
  }

  Cell MakeCell(int64_t flat) {
    std::string text = elements_.Text(flat);
    if (!IsInteger(elements_.type())) {
      const std::string shorter = RoundedText(elements_.Real(flat), kDigits);
      if (shorter.size() < text.size()) {
        text = shorter;
        result_.rounded = true;
      }
      if (text == "-0.0") text = "-0";
    }
    const size_t point = std::min(text.find('.'), text.size());
    return {text.substr(0, point), text.substr(point), flat};
  }

  void AppendMatrix(int64_t start) {
    const int64_t row_count = row_axis_ == kNone ? 1 : elements_.shape()[row_axis_];
    const int64_t column_count = column_axis_ == kNone ? 1 : elements_.shape()[column_axis_];
    const std::vector<int64_t> rows = ShownIndices(row_count, 24);
    // The width of a column is known only once its cells are: those of the edges tell what fits.
    std::vector<int64_t> columns = ShownIndices(column_count, 32);
    std::vector<std::vector<Cell>> cells = MakeCells(start, rows, columns);
    const size_t fits = std::max<size_t>(4, kWidth / (CellWidth(cells) + 2));
    if (columns.size() > fits) {
      columns = ShownIndices(column_count, static_cast<int64_t>(fits));
      cells = MakeCells(start, rows, columns);
    }
    result_.abbreviated = result_.abbreviated || static_cast<int64_t>(rows.size()) != row_count ||
                          static_cast<int64_t>(columns.size()) != column_count;
    AppendCells(rows, columns, cells);
  }

  // One list per row, of the columns that are not left out; none for the row that stands for those left out.
  std::vector<std::vector<Cell>> MakeCells(int64_t start, const std::vector<int64_t>& rows,
                                           const std::vector<int64_t>& columns) {
    std::vector<std::vector<Cell>> cells;
    for (const int64_t row : rows) {
      cells.emplace_back();
      for (const int64_t column : columns) {
        if (row == kLeftOut || column == kLeftOut) continue;
        const int64_t down = row_axis_ == kNone ? 0 : row * strides_[row_axis_];
        const int64_t across = column_axis_ == kNone ? 0 : column * strides_[column_axis_];
        cells.back().push_back(MakeCell(start + down + across));
      }
    }
    return cells;
  }

  static size_t Widest(const std::vector<std::vector<Cell>>& cells, std::string Cell::*part) {
    size_t widest = 0;
    for (const auto& row : cells) {
      for (const Cell& cell : row) widest = std::max(widest, (cell.*part).size());
    }
    return widest;
  }
  static size_t CellWidth(const std::vector<std::vector<Cell>>& cells) {
    return Widest(cells, &Cell::whole) + Widest(cells, &Cell::fraction);
  }

  void AppendCells(const std::vector<int64_t>& rows, const std::vector<int64_t>& columns,
                   const std::vector<std::vector<Cell>>& cells) {
    const size_t whole = Widest(cells, &Cell::whole);
    const size_t fraction = Widest(cells, &Cell::fraction);
    for (size_t r = 0; r < rows.size(); ++r) {
      if (rows[r] == kLeftOut) {
        result_.text += "  ...\n";
        continue;
      }
      std::string line;
      size_t next = 0;
      for (const int64_t column : columns) {
        line += "  ";
        if (column == kLeftOut) {
          line += "...";
          continue;
        }
        const Cell& cell = cells[r][next++];
        line += std::string(whole - cell.whole.size(), ' ') + Coloured(cell);
        line += std::string(fraction - cell.fraction.size(), ' ');
      }
      absl::StripTrailingAsciiWhitespace(&line);
      result_.text += line + "\n";
    }
  }

  std::string Coloured(const Cell& cell) const {
    const std::string text = cell.whole + cell.fraction;
    // A tensor of one value has no extremes worth showing.
    if (extremes_.largest < 0 || Equal(elements_, extremes_.largest, extremes_.smallest)) return text;
    if (Equal(elements_, cell.flat, extremes_.largest)) return style_.High(text);
    return Equal(elements_, cell.flat, extremes_.smallest) ? style_.Low(text) : text;
  }

  const Elements& elements_;
  std::string axes_;
  const Style& style_;
  Extremes extremes_;
  std::vector<int64_t> strides_;
  size_t row_axis_ = kNone;
  size_t column_axis_ = kNone;
  MatrixText result_;
};

// `at (1,3), (2,3) and 7 more places`
std::string PlacesOf(const Elements& elements, int64_t like) {
  std::vector<std::string> places;
  size_t count = 0;
  for (int64_t i = 0; i < elements.count(); ++i) {
    if (!Equal(elements, i, like)) continue;
    if (++count <= kPlacesShown) places.push_back(PlaceText(i, elements.shape()));
  }
  return absl::StrCat("at ", absl::StrJoin(places, ", "),
                      count > kPlacesShown ? absl::StrCat(" and ", count - kPlacesShown, " more") : "");
}

}  // namespace

MatrixText FormatMatrices(const Elements& elements, const std::string& axes, const Style& style) {
  return Formatter(elements, axes, style).Format();
}

std::string LargestText(const Elements& elements) {
  const Extremes extremes = FindExtremes(elements);
  if (extremes.largest < 0) return "none\n";
  return absl::StrCat("largest  ", elements.Text(extremes.largest), "  ", PlacesOf(elements, extremes.largest), "\n");
}

std::vector<std::string> ExtremesText(const Elements& elements) {
  const Extremes extremes = FindExtremes(elements);
  std::vector<std::string> lines;
  if (elements.count() < 2) return lines;
  if (extremes.largest >= 0 && Equal(elements, extremes.largest, extremes.smallest)) {
    lines.push_back(absl::StrCat("all equal  ", elements.Text(extremes.largest)));
    if (extremes.nan_count > 0) lines[0] = absl::StrCat("all others  ", elements.Text(extremes.largest));
  } else if (extremes.largest >= 0) {
    const std::string largest = elements.Text(extremes.largest);
    const std::string smallest = elements.Text(extremes.smallest);
    const size_t width = std::max(largest.size(), smallest.size());
    lines.push_back(absl::StrCat("largest   ", std::string(width - largest.size(), ' '), largest, "  ",
                                 PlacesOf(elements, extremes.largest)));
    lines.push_back(absl::StrCat("smallest  ", std::string(width - smallest.size(), ' '), smallest, "  ",
                                 PlacesOf(elements, extremes.smallest)));
  }
  if (extremes.nan_count > 0) {
    lines.push_back(absl::StrCat("NaN       ", extremes.nan_count, extremes.nan_count == 1 ? " element" : " elements",
                                 ", the first at ", PlaceText(extremes.first_nan, elements.shape())));
  }
  return lines;
}

}  // namespace tensord::cli
