#include "grading/src/formats/heat_map.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tensord::grading::formats {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Difference ADifference(const std::vector<int64_t>& shape, const std::vector<int64_t>& cells) {
  v1::Difference difference;
  for (const int64_t size : shape) difference.add_shape(size);
  for (const int64_t cell : cells) difference.add_cells(cell);
  difference.set_differing_count(static_cast<int64_t>(cells.size()));
  return difference;
}

int CountOf(const std::string& text, const char* part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(HeatMaps, DrawEachCellAtItsPlace) {
  // Two rows of three: element 5 is row 1, column 2; a cell is 24 wide.
  const std::string html = HeatMaps(ADifference({2, 3}, {0, 5}));
  EXPECT_THAT(html, HasSubstr(R"(viewBox="0 0 72 48")"));
  EXPECT_THAT(html, HasSubstr(R"(<rect class="map-cell" x="0" y="0" width="24" height="24"/>)"));
  EXPECT_THAT(html, HasSubstr(R"(<rect class="map-cell" x="48" y="24" width="24" height="24"/>)"));
  EXPECT_EQ(CountOf(html, "map-cell"), 2);
  EXPECT_THAT(html, HasSubstr("(0, 0) (1, 2)"));
}

TEST(HeatMaps, DrawAVectorAsARow) {
  EXPECT_THAT(HeatMaps(ADifference({4}, {3})), HasSubstr(R"(<rect class="map-cell" x="72" y="0")"));
}

TEST(HeatMaps, DrawOneMapForEachIndexOfTheOtherAxes) {
  const std::string html = HeatMaps(ADifference({2, 3, 2, 2}, {0, 1, 23}));
  EXPECT_EQ(CountOf(html, "<svg"), 2);
  EXPECT_THAT(html, HasSubstr("<title>[0, 0, :, :]: 2 x 2</title>"));
  EXPECT_THAT(html, HasSubstr("<title>[1, 2, :, :]: 2 x 2</title>"));
}

TEST(HeatMaps, FrameTheWorst) {
  v1::Difference difference = ADifference({2, 3}, {0, 5});
  difference.add_worst_cell(1);
  EXPECT_THAT(HeatMaps(difference), Not(HasSubstr("map-worst"))) << "of another rank";
  difference.add_worst_cell(2);
  EXPECT_THAT(HeatMaps(difference), HasSubstr(R"(<rect class="map-worst" x="48" y="24")"));
  difference.set_worst_cell(1, 3);
  EXPECT_THAT(HeatMaps(difference), Not(HasSubstr("map-worst"))) << "outside";
}

TEST(HeatMaps, DrawLongAxesInSteps) {
  // 640 by 640 in steps of ten: elements 0 and 1 are in one step, the last in the last.
  const std::string html = HeatMaps(ADifference({640, 640}, {0, 1, 640 * 640 - 1}));
  EXPECT_EQ(CountOf(html, "map-cell"), 2);
  EXPECT_THAT(html, HasSubstr(R"(x="252" y="252")"));
  EXPECT_THAT(html, HasSubstr("opacity"));
}

TEST(HeatMaps, AreBounded) {
  std::vector<int64_t> cells;
  for (int64_t i = 0; i < 1000; ++i) cells.push_back(4 * i);
  const std::string html = HeatMaps(ADifference({1000, 2, 2}, cells));
  EXPECT_EQ(CountOf(html, "<svg"), 12);
  EXPECT_THAT(html, HasSubstr("and 244 more such maps"));
  EXPECT_THAT(html, HasSubstr("..."));
}

TEST(HeatMaps, SayWhenNotAllAreDrawn) {
  v1::Difference difference = ADifference({2, 2}, {0});
  EXPECT_THAT(HeatMaps(difference), Not(HasSubstr("are drawn")));
  difference.set_differing_count(3);
  EXPECT_THAT(HeatMaps(difference), HasSubstr("The first 1 that differ are drawn."));
}

TEST(HeatMaps, AreEmptyWhereThereIsNoTensor) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(HeatMaps({}), "");
  EXPECT_EQ(HeatMaps(ADifference({2, 2}, {})), "");
  EXPECT_EQ(HeatMaps(ADifference({}, {0})), "");
  EXPECT_EQ(HeatMaps(ADifference({2, -1}, {0})), "");
  EXPECT_EQ(HeatMaps(ADifference({0, 2}, {0})), "");
  EXPECT_EQ(HeatMaps(ADifference({kMost, 2}, {0})), "");
  EXPECT_EQ(HeatMaps(ADifference({kMost, kMost}, {0})), "");
  EXPECT_EQ(HeatMaps(ADifference(std::vector<int64_t>(1000, 1), {0})), "");
  EXPECT_EQ(HeatMaps(ADifference({2, 2}, {-1, 4, kMost})), "") << "all outside";
  EXPECT_NE(HeatMaps(ADifference({int64_t{1} << 61, 2}, {0, (int64_t{1} << 62) - 1})), "");
}

}  // namespace
}  // namespace tensord::grading::formats
