#include "tensord/compute/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tensord::compute {
namespace {

using Role = Layout::Role;
using ::testing::HasSubstr;

// The position of a letter, -1 where it is missing.
int PositionOf(const std::string& letters, char letter) {
  const size_t position = letters.find(letter);
  return position == std::string::npos ? -1 : static_cast<int>(position);
}

// Every permutation of every legal set of letters reads back as what it says.
void ExpectEveryPermutation(Role role, const std::vector<std::string>& outer_sets, char batch, char channel) {
  for (const std::string spatial : {"W", "HW", "DHW"}) {
    for (const std::string& outer : outer_sets) {
      std::string letters = spatial + outer;
      std::sort(letters.begin(), letters.end());
      do {
        const auto layout = Layout::Parse(letters, role);
        ASSERT_TRUE(layout.has_value()) << letters;
        EXPECT_EQ(layout->letters(), letters);
        EXPECT_EQ(layout->rank(), static_cast<int>(letters.size()));
        EXPECT_EQ(layout->batch(), PositionOf(letters, batch)) << letters;
        EXPECT_EQ(layout->channel(), PositionOf(letters, channel)) << letters;
        ASSERT_EQ(layout->spatial_rank(), static_cast<int>(spatial.size()));
        for (size_t i = 0; i < spatial.size(); ++i) {
          EXPECT_EQ(layout->spatial(static_cast<int>(i)), PositionOf(letters, spatial[i])) << letters;
          EXPECT_EQ(layout->spatial_letter(static_cast<int>(i)), spatial[i]) << letters;
        }
      } while (std::next_permutation(letters.begin(), letters.end()));
    }
  }
}

TEST(LayoutTest, EveryPermutationOfActivationsReadsBack) {
  ExpectEveryPermutation(Role::kActivation, {"", "N", "C", "NC"}, 'N', 'C');
}

TEST(LayoutTest, EveryPermutationOfFiltersReadsBack) { ExpectEveryPermutation(Role::kFilter, {"", "OI"}, 'O', 'I'); }

TEST(LayoutTest, LettersThatMakeNoLayoutAreRefused) {
  for (const char* letters : {"", "N", "NC", "H", "D", "DW", "HD", "DH", "NHWCX", "NHHW", "NNHW", "NHWW", "hw", "NH W",
                              "OIHW", "HWC\n", "DHWNCC", "NCDHWW", "\xff"}) {
    EXPECT_FALSE(Layout::Parse(letters, Role::kActivation).has_value()) << letters;
  }
  for (const char* letters : {"", "OI", "OHW", "HWI", "NHWC", "HWIOO", "OIH", "oihw"}) {
    EXPECT_FALSE(Layout::Parse(letters, Role::kFilter).has_value()) << letters;
  }
  EXPECT_FALSE(Layout::Parse(absl::string_view("HW\0C", 4), Role::kActivation).has_value());
}

TEST(LayoutTest, MakeGivesTheNamesInUse) {
  const auto letters = [](Role role, int spatial, bool batch, bool channels, bool first) {
    return Layout::Make(role, spatial, batch, channels, first).letters();
  };
  EXPECT_EQ(letters(Role::kActivation, 2, true, true, false), "NHWC");
  EXPECT_EQ(letters(Role::kActivation, 2, true, true, true), "NCHW");
  EXPECT_EQ(letters(Role::kActivation, 3, false, true, true), "CDHW");
  EXPECT_EQ(letters(Role::kActivation, 1, true, true, false), "NWC");
  EXPECT_EQ(letters(Role::kActivation, 1, false, false, true), "W");
  EXPECT_EQ(letters(Role::kFilter, 2, false, true, false), "HWIO");
  EXPECT_EQ(letters(Role::kFilter, 2, false, true, true), "OIHW");
  EXPECT_EQ(letters(Role::kFilter, 1, false, true, true), "OIW");
  EXPECT_EQ(letters(Role::kFilter, 3, false, true, false), "DHWIO");
  EXPECT_EQ(letters(Role::kFilter, 2, false, false, true), "HW");
}

TEST(LayoutTest, TheExplanationNamesTheLetters) {
  EXPECT_THAT(std::string(ExplainLetters(Role::kActivation)), HasSubstr("N and C"));
  EXPECT_THAT(std::string(ExplainLetters(Role::kFilter)), HasSubstr("O and I"));
}

}  // namespace
}  // namespace tensord::compute
