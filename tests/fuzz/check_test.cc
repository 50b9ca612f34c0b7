// The rules' own check: that a broken one ends the process, and that what can be shown is told from what cannot.
#include "tests/fuzz/check.h"

#include <gtest/gtest.h>

#include "server/convert/status_convert.h"
#include "tests/fuzz/refusal.h"

namespace tensord::fuzz {
namespace {

TEST(CheckDeathTest, ABrokenRuleEndsTheProcess) {
  EXPECT_DEATH(Check(false, "sizes are positive", "-1"), "broken rule: sizes are positive: -1");
  Check(true, "sizes are positive", "1");
}

TEST(CheckDeathTest, RefusalsThatBreakARuleEndTheProcess) {
  CheckRefusal(absl::OkStatus());
  CheckRefusal(absl::InvalidArgumentError("the rank was 7, expected at most 5"));
  EXPECT_DEATH(CheckRefusal(absl::InternalError("a mistake")), "no bad request may get this code");
  EXPECT_DEATH(CheckRefusal(absl::InvalidArgumentError("")), "has to say why");
  EXPECT_DEATH(CheckRefusal(absl::InvalidArgumentError("the name \xc3")), "able to read");
}

TEST(IsShowableTest, TellsTextFromWhatSteersATerminal) {
  for (const char* text : {"", "plain", "two\nlines", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x99\x82"}) {
    EXPECT_TRUE(IsShowable(text)) << text;
  }
  for (const char* text : {"\x1b[31m", "\x7f", "\t", "\xc3", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"}) {
    EXPECT_FALSE(IsShowable(text)) << text;
  }
}

}  // namespace
}  // namespace tensord::fuzz
