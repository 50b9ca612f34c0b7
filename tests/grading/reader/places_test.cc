#include <gtest/gtest.h>

#include "tests/grading/reader/texts.h"

namespace tensord::grading {
namespace {

using test::Row;
using test::Text;

constexpr Row kPlaces[] = {
    {"(1,1), (1,2)", "at (1 1) (1 2)"},
    {"(1,1)", "at (1 1)"},
    {"(1, 1) and (1, 2)", "at (1 1) (1 2)"},
    {"(1,1) or (1,2)", "at (1 1) (1 2)"},
    {"[(1,1),(1,2)]", "at (1 1) (1 2)"},
    {"[[1,1],[1,2]]", "at (1 1) (1 2)"},
    {"{(1,1),(1,2)}", "at (1 1) (1 2)"},
    {"$\\{(1,1), (1,2)\\}$", "at (1 1) (1 2)"},
    {"[1 3]", "at (1 3)"},
    {"(1;3)", "at (1 3)"},
    {"Z[1,3]", "at (1 3)"},
    {"Z[1][3]", "at (1 3)"},
    {"Z_{1,3}", "at (1 3)"},
    {"Z(1,3)", "at (1 3)"},
    {"Z[1, 3] and Z[2, 3]", "at (1 3) (2 3)"},
    {"row 1, column 3", "at (row:1 column:3)"},
    {"row 1 column 3", "at (row:1 column:3)"},
    {"(row 1, column 3)", "at (row:1 column:3)"},
    {"row 1, column 3; row 2, column 3", "at (row:1 column:3) (row:2 column:3)"},
    {"row=1, column=3", "at (row:1 column:3)"},
    {"i=1, j=3", "at (i:1 j:3)"},
    {"(i=1, j=3)", "at (i:1 j:3)"},
    {"k_1 = 1, k_2 = 3", "at (k1:1 k2:3)"},
    {"at (1,3)", "at (1 3)"},
    {"1, 3", "at (1 3)"},
    {"1,3", "at (1 3)"},
    {"1 3", "at (1 3)"},
    {"(0)", "at (0)"},
    {"x[4]", "at (4)"},
    {"7", "at (7)"},
    {"(-1, 3)", "at (-1 3)"},
    {"(2-1, 3)", "at (1 3)"},
    {"Z is 0 at (1,1)", "at (1 1)"},
    {"np.array([1, 3])", "at (1 3)"},
    {"(1,\xC2\xA0"
     "3)",
     "at (1 3)"},
    {"anywhere inside", "unreadable: the answer states no place: \"anywhere inside\""},
};

TEST(ReadPlacesTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kPlaces) EXPECT_EQ(Text(ReadPlaces(row.text)), row.expected) << row.text;
}

constexpr Row kValues[] = {
    {"6 at (1,3), (2,3), (3,3)", "6 at (1 3) (2 3) (3 3)"},
    {"-2 at (3,4)", "-2 at (3 4)"},
    {"\xE2\x88\x92"
     "2 at (3,4)",
     "-2 at (3 4)"},
    {"Z[1,3] = 6", "6 at (1 3)"},
    {"Z_{1,3} = 6", "6 at (1 3)"},
    {"6, (1,3)", "6 at (1 3)"},
    {"6 (1,3)", "6 at (1 3)"},
    {"6(1,3)", "6 at (1 3)"},
    {"(1,3): 6", "6 at (1 3)"},
    {"6 @ (1,3)", "6 at (1 3)"},
    {"6 @ 1,3", "6 at (1 3)"},
    {"6 at 1,3", "6 at (1 3)"},
    {"6 at 1 3", "6 at (1 3)"},
    {"6 at row 1, column 3", "6 at (row:1 column:3)"},
    {"6 in row 1, column 3", "6 at (row:1 column:3)"},
    {"6 at i=1, j=3", "6 at (i:1 j:3)"},
    {"max = 6 at (1,3)", "6 at (1 3)"},
    {"max = 3+3 = 6 at (1,3)", "6 at (1 3)"},
    {"the largest value is 6, at (1,3) or (2,3)", "6 at (1 3) (2 3)"},
    {"(6 at (1,3))", "6 at (1 3)"},
    {"6 at (1,3) and 6 at (2,3)", "6 at (1 3) (2 3)"},
    {"6 at [1, 3]", "6 at (1 3)"},
    {"0.5 at (1, 3)", "0.5@-1 at (1 3)"},
    {"6 at x[4]", "6 at (4)"},
    {"value: 6, position: (1, 3)", "6 at (1 3)"},
    {"6", "6 at"},
    {"(1,3)", "at (1 3)"},
    {"6 at (1,3), 5 at (2,3)", "unreadable: the answer states more than one value: 6 and 5"},
    {"in the middle", "unreadable: the answer states no value or place: \"in the middle\""},
};

TEST(ReadValueAndPlacesTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kValues) EXPECT_EQ(Text(ReadValueAndPlaces(row.text)), row.expected) << row.text;
}

constexpr Row kLimits[] = {
    {"0..1 and 0..1", "0..1 0..1"},
    {"0..1, 0..1", "0..1 0..1"},
    {"0...1", "0..1"},
    {"0\xE2\x80\xA6"
     "1",
     "0..1"},
    {"0 \\ldots 1", "0..1"},
    {"k1 = 0..1, k2=0,1", "k1:0..1 k2:0..1"},
    {"k1 = 0, 1, k2 = 0, 1", "k1:0..1 k2:0..1"},
    {"k1 = 0,1; k2 = 0,1,2", "k1:0..1 k2:0..2"},
    {"k_1 = 0..1, k_{2} = 0..1", "k1:0..1 k2:0..1"},
    {"k1: 0 to 1; k2: 0 to 1", "k1:0..1 k2:0..1"},
    {"k1 from 0 to 1", "k1:0..1"},
    {"k1 goes from 0 to 1 and k2 goes from 0 to 1", "k1:0..1 k2:0..1"},
    {"k1 and k2 from 0 to 1", "k1:0..1 k2:0..1"},
    {"k1 between 0 and 1", "k1:0..1"},
    {"0 <= k1 <= 1", "k1:0..1"},
    {"0 \xE2\x89\xA4 k1, k2 \xE2\x89\xA4 1", "k1:0..1 k2:0..1"},
    {"$0 \\le k_1, k_2 \\leq 1$", "k1:0..1 k2:0..1"},
    {"0 <= k1 < 2, 0 <= k2 < 2", "k1:0..1 k2:0..1"},
    {"-1 < k1 < 2", "k1:0..1"},
    {"1 >= k1 >= 0", "k1:0..1"},
    {"k1 >= 0, k1 <= 1", "k1:0..1"},
    {"k1 >= 0 and k1 < 2 and k2 >= 0 and k2 < 3", "k1:0..1 k2:0..2"},
    {"k1 in {0,1}", "k1:0..1"},
    {"k1 \xE2\x88\x88 {0,1}, k2 \xE2\x88\x88 {0,1}", "k1:0..1 k2:0..1"},
    {"$k_1, k_2 \\in \\{0, 1\\}$", "k1:0..1 k2:0..1"},
    {"k1 in [0, 1]", "k1:0..1"},
    {"k1 in [0, 2)", "k1:0..1"},
    {"k1 in [0..1]", "k1:0..1"},
    {"k1 in {0, 1, ..., 4}", "k1:0..4"},
    {"k1 = 0, 1, \xE2\x80\xA6, 4", "k1:0..4"},
    {"k1 in {0}", "k1:0..0"},
    {"range(2)", "0..1"},
    {"for k1 in range(2): for k2 in range(0, 3)", "k1:0..1 k2:0..2"},
    {"both 0..1", "0..1 each"},
    {"0 to 1 for both", "0..1 each"},
    {"0..1 each", "0..1 each"},
    {"0-1", "0..1"},
    {"k1: 0-1, k2: 0 - 1", "k1:0..1 k2:0..1"},
    {"k1 = 0\xE2\x80\x93"
     "1",
     "k1:0..1"},
    {"0..1 for k1 and 0..2 for k2", "k1:0..1 k2:0..2"},
    {"\\sum_{k_1=0}^{1} \\sum_{k_2=0}^{1}", "k1:0..1 k2:0..1"},
    {"\\sum_{k_1=0}^1", "k1:0..1"},
    {"sum_{k1=0}^{2-1}", "k1:0..1"},
    {"the kernel row k1 from 0 to 1", "k1:0..1"},
    {"k1 & k2 = 0..1", "k1:0..1 k2:0..1"},
    {"0 and 1", "0..1"},
    {"k1 is 0 or 1", "k1:0..1"},
    {"0..3-1", "0..2"},
    {"the limits are 0..1", "0..1"},
    {"the indices must stay inside X", "unreadable: the answer states no limits: \"the indices must stay inside X\""},
    {"k1 < 2", "unreadable: the answer states no first value of k1"},
    {"k1 >= 0", "unreadable: the answer states no last value of k1"},
    {"k1 = 2", "unreadable: \"2\" is one number, and limits are two"},
    {"1..0", "unreadable: \"1..0\" ends before it begins"},
    {"2 <= k1 <= 1", "unreadable: no k1 is within its limits"},
};

TEST(ReadLimitsOfSumsTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kLimits) EXPECT_EQ(Text(ReadLimitsOfSums(row.text)), row.expected) << row.text;
}

}  // namespace
}  // namespace tensord::grading
