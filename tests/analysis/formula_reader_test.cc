#include "tests/analysis/formula_reader.h"

#include <gtest/gtest.h>

namespace tensord::analysis {
namespace {

TEST(FormulaReaderTest, MultipliesBeforeItAdds) {
  EXPECT_EQ(ReadFormula("2 + 3*4 - 5", {}), 9);
  EXPECT_EQ(ReadFormula("(2 + 3)*4", {}), 20);
  EXPECT_EQ(ReadFormula("-N*2 + 1", {{"N", 3}}), -5);
}

TEST(FormulaReaderTest, RoundsQuotientsTowardsTheSideThatTheNameSays) {
  EXPECT_EQ(ReadFormula("floor((N - 1)/s) + 1", {{"N", 8}, {"s", 3}}), 3);
  EXPECT_EQ(ReadFormula("floor((1 - 4)/2)", {}), -2);
  EXPECT_EQ(ReadFormula("ceil((1 - 4)/2)", {}), -1);
  EXPECT_EQ(ReadFormula("ceil(7/2)", {}), 4);
}

TEST(FormulaReaderTest, BracketsAreOneWhereTheyHold) {
  EXPECT_EQ(ReadFormula("5 - [2*3 >= 5 + 1]", {}), 4);
  EXPECT_EQ(ReadFormula("5 - [2*3 >= 7]", {}), 5);
  EXPECT_EQ(ReadFormula("[K <= 5]", {{"K", 5}}), 1);
}

TEST(FormulaReaderTest, RefusesWhatIsNoFormulaOrNotWhole) {
  EXPECT_EQ(ReadFormula("10/4", {}), std::nullopt);
  EXPECT_EQ(ReadFormula("2 +", {}), std::nullopt);
  EXPECT_EQ(ReadFormula("2*(3", {}), std::nullopt);
  EXPECT_EQ(ReadFormula("N", {}), std::nullopt);
  EXPECT_EQ(ReadFormula("", {}), std::nullopt);
}

}  // namespace
}  // namespace tensord::analysis
