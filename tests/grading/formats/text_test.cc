#include "grading/src/formats/text.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tensord::grading::formats {
namespace {

using ::testing::ElementsAre;

TEST(CharacterAt, ReadsUtf8AndNothingElse) {
  EXPECT_EQ(CharacterAt("a", 0).code, 0x61U);
  EXPECT_EQ(CharacterAt("\xc3\xa9", 0).code, 0xe9U);
  EXPECT_EQ(CharacterAt("\xe2\x82\xac", 0).length, 3U);
  EXPECT_EQ(CharacterAt("\xf0\x9f\x98\x80", 0).code, 0x1f600U);
  for (const char* const bad : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                "\xf5\x80\x80\x80", "\xe2\x82", "\xe2\x28\xa1", "\xff"}) {
    const Character character = CharacterAt(bad, 0);
    EXPECT_FALSE(character.is_valid) << testing::PrintToString(std::string(bad));
    EXPECT_EQ(character.length, 1U);
  }
}

TEST(PlainText, LeavesNothingThatATerminalObeys) {
  EXPECT_EQ(PlainText("a\x1b[31mb\x07\x7f\r\nc\td"), "a\\x1b[31mb\\x07\\x7f\\x0d\nc d");
  EXPECT_EQ(PlainText("\xc2\x9b"), "\\xc2\\x9b") << "C1's CSI";
  EXPECT_EQ(PlainText("a\xe2\x80\xae"), "a\\xe2\\x80\\xae") << "right-to-left override";
  EXPECT_EQ(PlainText("\xff\xc3\xa9"), "\\xff\xc3\xa9");
  EXPECT_EQ(PlainText(absl::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(OneLine("a\nb"), "a b");
}

TEST(CutText, KeepsCharactersWhole) {
  EXPECT_EQ(CutText("abc", 3), "abc");
  EXPECT_EQ(CutText("abc", 2), "ab");
  EXPECT_EQ(CutText("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(CutText("\xe2\x82\xac", 2), "");
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("\xe4\xbd\xa0"), 2) << "a Chinese character";
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1) << "a combining accent";
}

TEST(Wrap, BreaksAtSpacesAndElseAnywhere) {
  EXPECT_THAT(Wrap("", 5), ElementsAre(""));
  EXPECT_THAT(Wrap("one two", 7), ElementsAre("one two"));
  EXPECT_THAT(Wrap("one two", 6), ElementsAre("one", "two"));
  EXPECT_THAT(Wrap("one two", 3), ElementsAre("one", "two"));
  EXPECT_THAT(Wrap("abcdefg hi", 3), ElementsAre("abc", "def", "g", "hi"));
  EXPECT_THAT(Wrap("a\n\nb", 3), ElementsAre("a", "", "b"));
  EXPECT_THAT(Wrap("\xe4\xbd\xa0\xe4\xbd\xa0", 3), ElementsAre("\xe4\xbd\xa0", "\xe4\xbd\xa0"));
  for (int width = 2; width < 30; ++width) {
    for (const std::string& line : Wrap("some words, averyveryverylongword \xe4\xbd\xa0\xe4\xbd\xa0 and more", width)) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(HtmlText, Escapes) { EXPECT_EQ(HtmlText("<a b='c' d=\"e\">&"), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;"); }

TEST(PointsText, IsShort) {
  EXPECT_EQ(PointsText(1), "1");
  EXPECT_EQ(PointsText(-0.0), "0");
  EXPECT_EQ(PointsText(0.1 + 0.2), "0.3");
  EXPECT_EQ(PointsText(2.5), "2.5");
  EXPECT_EQ(PointsText(-std::numeric_limits<double>::infinity()), "?");
}

}  // namespace
}  // namespace tensord::grading::formats
