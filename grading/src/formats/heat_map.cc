#include "grading/src/formats/heat_map.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace tensord::grading::formats {
namespace {

constexpr int64_t kMostSteps = 64;
constexpr size_t kMostMaps = 12;
constexpr size_t kMostListed = 20;
// The verdict's own limit on cells; a message from elsewhere may have more.
constexpr int kMostCells = 256;

// Row and column of a step, with how many of its elements differ.
using Steps = std::map<std::pair<int64_t, int64_t>, int>;

struct Plane {
  int64_t rows = 1;
  int64_t columns = 1;
};

int64_t StepsOf(int64_t size) { return std::min(size, kMostSteps); }

// Which of the axis' steps an index is in. The quotient of doubles is good enough for a picture, and in range for any
// size.
int64_t StepOf(int64_t index, int64_t size) {
  if (size <= kMostSteps) return index;
  const double share = static_cast<double>(index) / static_cast<double>(size);
  return std::min(kMostSteps - 1, static_cast<int64_t>(share * static_cast<double>(kMostSteps)));
}

// The number of elements; none where that is no size of a tensor.
std::optional<int64_t> ElementCount(const v1::Difference& difference) {
  constexpr int64_t kMost = int64_t{1} << 62;
  if (difference.shape_size() == 0 || difference.shape_size() > 64) return std::nullopt;
  int64_t count = 1;
  for (const int64_t size : difference.shape()) {
    if (size <= 0 || size > kMost / count) return std::nullopt;
    count *= size;
  }
  return count;
}

std::vector<int64_t> IndexOf(int64_t place, const v1::Difference& difference, int axis_count) {
  std::vector<int64_t> index(static_cast<size_t>(axis_count));
  for (int axis = axis_count - 1; axis >= 0; --axis) {
    index[static_cast<size_t>(axis)] = place % difference.shape(axis);
    place /= difference.shape(axis);
  }
  return index;
}

std::string GridLines(int64_t rows, int64_t columns, int64_t size) {
  std::string path;
  for (int64_t row = 1; row < rows; ++row) absl::StrAppend(&path, "M0 ", row * size, "H", columns * size);
  for (int64_t column = 1; column < columns; ++column) absl::StrAppend(&path, "M", column * size, " 0V", rows * size);
  return path.empty() ? "" : absl::StrCat("<path class=\"map-grid\" d=\"", path, "\"/>");
}

std::string Rectangle(const char* style, int64_t row, int64_t column, int64_t size, const std::string& more) {
  return absl::StrCat("<rect class=\"", style, "\" x=\"", column * size, "\" y=\"", row * size, "\" width=\"", size,
                      "\" height=\"", size, "\"", more, "/>");
}

std::string Map(const Plane& plane, const Steps& steps, const std::optional<std::pair<int64_t, int64_t>>& worst,
                const std::string& caption) {
  const int64_t rows = StepsOf(plane.rows);
  const int64_t columns = StepsOf(plane.columns);
  const int64_t size = std::clamp<int64_t>(256 / std::max(rows, columns), 4, 24);
  // Of the elements in a step, rounded up where sizes are no multiples.
  const double elements = static_cast<double>((plane.rows + rows - 1) / rows) *
                          static_cast<double>((plane.columns + columns - 1) / columns);
  std::string svg = absl::StrFormat(
      R"(<figure><svg class="map" role="img" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d"><title>%3$s</title>)"
      R"(<rect class="map-back" width="%1$d" height="%2$d"/>)",
      columns * size, rows * size, caption);
  for (const auto& [step, count] : steps) {
    // Seen even where it is one of many.
    const double opacity = std::clamp(count / elements, 0.35, 1.0);
    svg += Rectangle("map-cell", step.first, step.second, size,
                     opacity < 1 ? absl::StrFormat(" opacity=\"%.2f\"", opacity) : "");
  }
  svg += GridLines(rows, columns, size);
  if (worst.has_value()) svg += Rectangle("map-worst", worst->first, worst->second, size, " stroke-width=\"2\"");
  return absl::StrCat(svg, "</svg><figcaption>", caption, "</figcaption></figure>\n");
}

// The maps' cells by the index of the axes before the last two.
std::map<int64_t, Steps> StepsByMap(const v1::Difference& difference, const Plane& plane, int64_t count) {
  std::map<int64_t, Steps> maps;
  for (int i = 0; i < std::min(difference.cells_size(), kMostCells); ++i) {
    const int64_t cell = difference.cells(i);
    if (cell < 0 || cell >= count) continue;
    const int64_t row = cell / plane.columns % plane.rows;
    ++maps[cell / plane.columns / plane.rows][{StepOf(row, plane.rows), StepOf(cell % plane.columns, plane.columns)}];
  }
  return maps;
}

// The place of the worst cell among all elements, where it is one.
std::optional<int64_t> WorstPlace(const v1::Difference& difference) {
  if (difference.worst_cell_size() != difference.shape_size()) return std::nullopt;
  int64_t place = 0;
  for (int axis = 0; axis < difference.shape_size(); ++axis) {
    const int64_t index = difference.worst_cell(axis);
    if (index < 0 || index >= difference.shape(axis)) return std::nullopt;
    place = place * difference.shape(axis) + index;
  }
  return place;
}

std::string CellsList(const v1::Difference& difference, int64_t count) {
  std::vector<std::string> cells;
  for (const int64_t cell : difference.cells()) {
    if (cell < 0 || cell >= count) continue;
    if (cells.size() == kMostListed) {
      cells.emplace_back("...");
      break;
    }
    cells.push_back(absl::StrCat("(", absl::StrJoin(IndexOf(cell, difference, difference.shape_size()), ", "), ")"));
  }
  return absl::StrCat("<details><summary>The elements that differ</summary><p>", absl::StrJoin(cells, " "),
                      "</p></details>\n");
}

}  // namespace

std::string HeatMaps(const v1::Difference& difference) {
  const std::optional<int64_t> count = ElementCount(difference);
  if (!count.has_value()) return "";
  const int rank = difference.shape_size();
  const Plane plane{.rows = rank > 1 ? difference.shape(rank - 2) : 1, .columns = difference.shape(rank - 1)};
  const std::map<int64_t, Steps> maps = StepsByMap(difference, plane, *count);
  if (maps.empty()) return "";
  const std::optional<int64_t> worst = WorstPlace(difference);
  std::string html = "<div class=\"maps\">\n";
  size_t drawn = 0;
  for (const auto& [number, steps] : maps) {
    if (drawn++ == kMostMaps) break;
    std::optional<std::pair<int64_t, int64_t>> step;
    if (worst.has_value() && *worst / plane.columns / plane.rows == number) {
      step = {StepOf(*worst / plane.columns % plane.rows, plane.rows), StepOf(*worst % plane.columns, plane.columns)};
    }
    const std::string before =
        rank > 2 ? absl::StrCat("[", absl::StrJoin(IndexOf(number, difference, rank - 2), ", "), ", :, :]: ") : "";
    html += Map(plane, steps, step,
                absl::StrCat(before, plane.rows, " x ", plane.columns, step.has_value() ? ", framed: the worst" : ""));
  }
  html += "</div>\n";
  if (maps.size() > kMostMaps) absl::StrAppend(&html, "<p>and ", maps.size() - kMostMaps, " more such maps</p>\n");
  if (difference.differing_count() > difference.cells_size()) {
    absl::StrAppend(&html, "<p>The first ", difference.cells_size(), " that differ are drawn.</p>\n");
  }
  return html + CellsList(difference, *count);
}

}  // namespace tensord::grading::formats
