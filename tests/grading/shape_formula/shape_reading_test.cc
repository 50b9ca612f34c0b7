// What is read how, and what is not: names, LaTeX, hostile texts, questions that are none.
#include <gtest/gtest.h>

#include <random>

#include "tensord/analysis/expression.h"
#include "tensord/grading/shape_formula.h"
#include "tests/support/matchers.h"

namespace tensord::grading {
namespace {

using ::tensord::test_support::IsOk;
using ::tensord::test_support::StatusIs;

ShapeFormulaQuestion PoolingQuestion() {
  return {.expected = {"ceil(N_in/s)"},
          .variables = {{.name = "N_in", .aliases = {"N", "n", "length"}}, {.name = "s", .aliases = {"stride"}}},
          .constraints = {}};
}

ShapeVerdict Judged(const ShapeFormulaQuestion& question, const std::string& answer) {
  const absl::StatusOr<ShapeFormulaJudge> judge = ShapeFormulaJudge::Create(question);
  EXPECT_THAT(judge, IsOk());
  return judge.ok() ? judge->Judge(answer) : ShapeVerdict{};
}

TEST(ShapeReading, NamesAndAliases) {
  for (const char* answer : {"ceil(N/s)", "ceil(n/s)", "ceil(length/stride)", "ceil(N_in/s)", "ceil(N_{in}/s)",
                             R"(\lceil N_{\text{in}}/s \rceil)", R"(\lceil N_{\mathrm{in}} / \text{stride} \rceil)",
                             "CEIL(n_IN/S)", "ceil( Length / Stride )"}) {
    const ShapeVerdict verdict = Judged(PoolingQuestion(), answer);
    EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome) << answer << ": " << verdict.reason;
  }
}

TEST(ShapeReading, CaseCountsWhereItDistinguishes) {
  const ShapeFormulaQuestion question{.expected = {"N*n"},
                                      .variables = {{.name = "N"}, {.name = "n"}, {.name = "Stride"}}};
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "n*N").outcome);
  EXPECT_EQ(ShapeOutcome::kWrong, Judged(question, "n*n").outcome);
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "n*N + stride - STRIDE").outcome);
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "Nn").outcome);
}

TEST(ShapeReading, ANameThatMayBeSeveralIsUngradable) {
  const ShapeFormulaQuestion question{.expected = {"Ab + aB"}, .variables = {{.name = "Ab"}, {.name = "aB"}}};
  EXPECT_EQ(ShapeOutcome::kRight, Judged(question, "aB + Ab").outcome);
  const ShapeVerdict verdict = Judged(question, "aB + AB");
  EXPECT_EQ(ShapeOutcome::kUngradable, verdict.outcome);
  EXPECT_NE(std::string::npos, verdict.reason.find("may be any of several")) << verdict.reason;
}

TEST(ShapeReading, ReasonsWhyAnAnswerIsUngradable) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "is empty"},
      {"   ", "is empty"},
      {"5", "bare number"},
      {"2^3 + 1", "bare number"},
      {"ceil(M/s)", "unknown name M; known are N_in, s"},
      {"round(N/s)", "unknown name round"},
      {"N/2s", "write * and brackets"},
      {"N^s", "exponent"},
      {"N^17", "exponent"},
      {"N^-1", "exponent"},
      {"N^2^2", "power of a power"},
      {"(N", "bracket"},
      {"N)", "goes on"},
      {"(N]", "bracket"},
      {"floor N/s", "floor(...)"},
      {"N +", "missing"},
      {"N * / s", "lacks"},
      {"N = s", "relation"},
      {"min(N)(", "missing"},
      {"floor(N, s)", "takes 1"},
      {"N 2", "write *"},
      {"N; s", "no part of a formula"},
      {"N/0", "divides by zero"},
      {"12345678901234567890*N", "18 digits"},
      {R"(\frac{N})", "pair of braces"},
      {"\xFF\xFE N", "no part of a formula"},
      {R"(\)", "backslash"},
      {"N_{", "subscript"},
      {"N_,", "subscript"},
  };
  for (const auto& [answer, reason] : kCases) {
    const ShapeVerdict verdict = Judged(PoolingQuestion(), answer);
    EXPECT_EQ(ShapeOutcome::kUngradable, verdict.outcome) << answer;
    EXPECT_NE(std::string::npos, verdict.reason.find(reason)) << answer << ": " << verdict.reason;
    EXPECT_TRUE(verdict.components.empty()) << answer;
  }
}

std::string Repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(ShapeReading, HostileTextsAreUngradableAndSoon) {
  const std::pair<std::string, const char*> kCases[] = {
      {Repeated("(", 10000), "brackets in each other"},
      {Repeated("(", 65) + "N" + Repeated(")", 65), "brackets in each other"},
      {Repeated("floor(", 100) + "N" + Repeated(")", 100), "brackets in each other"},
      {Repeated(R"(\frac{)", 2000), "brackets in each other"},
      {Repeated("N+", 8000) + "N", "operations"},
      {Repeated("N,", 100) + "N", "components"},
      {Repeated("N ", 10000), "bytes"},
      {Repeated("{", 16000), "brackets in each other"},
      {std::string("N\0s", 3), "no part of a formula"},
      {"N_" + Repeated("{", 16000), "subscript"},
      {Repeated("N^16*", 300) + "1", "127 bits"},
      {"((((N^16)^16)^16)^16)", "127 bits"},
  };
  for (const auto& [answer, reason] : kCases) {
    const ShapeVerdict verdict = Judged(PoolingQuestion(), answer);
    EXPECT_EQ(ShapeOutcome::kUngradable, verdict.outcome) << answer.substr(0, 20) << ": " << verdict.reason;
    EXPECT_NE(std::string::npos, verdict.reason.find(reason)) << answer.substr(0, 20) << ": " << verdict.reason;
  }
  EXPECT_EQ(ShapeOutcome::kRight,
            Judged(PoolingQuestion(), Repeated("(", 60) + "ceil(N/s)" + Repeated(")", 60)).outcome);
  EXPECT_EQ(ShapeOutcome::kRight, Judged(PoolingQuestion(), Repeated("-", 1000) + "ceil(N/s)").outcome);
}

TEST(ShapeReading, ValuesBeyondOneHundredAndTwentySevenBitsAreUngradable) {
  const std::string huge = Repeated("(", 3) + "N+s" + Repeated(")^16", 3);
  const ShapeVerdict verdict = Judged(PoolingQuestion(), "ceil(N/s) + " + huge + " mod 1");
  EXPECT_EQ(ShapeOutcome::kUngradable, verdict.outcome) << verdict.reason;
  EXPECT_NE(std::string::npos, verdict.reason.find("127 bits")) << verdict.reason;
}

TEST(ShapeReading, AnyTextGetsAVerdict) {
  const std::vector<std::string> parts = {"N",
                                          "s",
                                          "(",
                                          ")",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          "+",
                                          "-",
                                          "*",
                                          "/",
                                          "//",
                                          "%",
                                          "^2",
                                          ",",
                                          "floor",
                                          "ceil",
                                          R"(\frac)",
                                          R"(\lfloor)",
                                          R"(\rfloor)",
                                          "min",
                                          "2",
                                          "0",
                                          " ",
                                          ">=",
                                          "=",
                                          "_",
                                          "\xE2\x8C\x88",
                                          "\xE2\x8C\x89",
                                          "\\",
                                          ".",
                                          "x",
                                          "\xC3\x97",
                                          "mod",
                                          "\xC2\xB2"};
  const absl::StatusOr<ShapeFormulaJudge> judge = ShapeFormulaJudge::Create(PoolingQuestion());
  ASSERT_THAT(judge, IsOk());
  std::mt19937 random(3);
  int readable = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto k = 1 + random() % 9; k > 0; --k) text += parts[random() % parts.size()];
    const ShapeVerdict verdict = judge->Judge(text);
    EXPECT_EQ(verdict.outcome == ShapeOutcome::kRight, verdict.reason.empty()) << text;
    if (verdict.outcome != ShapeOutcome::kUngradable) ++readable;
  }
  EXPECT_GT(readable, 200);
}

TEST(ShapeReading, WhatTheAnalysisPrints) {
  using analysis::AtLeast;
  using analysis::Ceil;
  using analysis::Expression;
  using analysis::Floor;
  const Expression n = Expression::Symbol("N");
  const Expression s = Expression::Symbol("s");
  const std::pair<Expression, const char*> kCases[] = {
      {Floor(n - 1, s) + 1, "ceil(N/s)"},
      {Ceil(n, s) * n * n * 4, "4*N^2*((N-1)//s+1)"},
      {(Floor(n + 3, 2) + 1) * (n - 2) * 6, "6(N-2)((N+3)//2+1)"},
      {AtLeast(n, s * 2) * n + 7, "N*[N >= 2s] + 7"},
      {Ceil(Floor(n, 2) * 3 - 1, s + 2), "ceil((3*(N//2)-1)/(s+2))"},
      {Expression(0) - n + s * 3, "3s-N"},
  };
  for (const auto& [expression, answer] : kCases) {
    ASSERT_THAT(expression.status(), IsOk());
    const ShapeFormulaQuestion question{.expected = {expression.ToString()},
                                        .variables = {{.name = "N"}, {.name = "s"}}};
    const ShapeVerdict verdict = Judged(question, answer);
    EXPECT_EQ(ShapeOutcome::kRight, verdict.outcome) << expression.ToString() << ": " << verdict.reason;
    EXPECT_EQ(ShapeOutcome::kRight, Judged(question, expression.ToString()).outcome) << expression.ToString();
    EXPECT_EQ(ShapeOutcome::kWrong, Judged(question, std::string(answer) + " + [N = 5]").outcome) << answer;
  }
}

TEST(ShapeQuestions, ErrorsNameTheField) {
  const auto error = [](auto change) {
    ShapeFormulaQuestion question = PoolingQuestion();
    change(question);
    return ShapeFormulaJudge::Create(question).status();
  };
  using Q = ShapeFormulaQuestion;
  const auto kBad = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(error([](Q& q) { q.expected = {}; }), StatusIs(kBad, "expected: has 0 entries"));
  EXPECT_THAT(error([](Q& q) { q.expected = {"N/s", "N+"}; }), StatusIs(kBad, "expected[1]: "));
  EXPECT_THAT(error([](Q& q) { q.expected = {"N, s"}; }), StatusIs(kBad, "expected[0]: has to be one formula"));
  EXPECT_THAT(error([](Q& q) { q.expected = {"Q"}; }), StatusIs(kBad, "unknown name Q"));
  EXPECT_THAT(error([](Q& q) { q.variables[1].name = "N"; }),
              StatusIs(kBad, "variables[1].name: N is the name of variables[0]"));
  EXPECT_THAT(error([](Q& q) { q.variables[1].name = "floor"; }), StatusIs(kBad, "function"));
  EXPECT_THAT(error([](Q& q) { q.variables[0].aliases = {"2N"}; }),
              StatusIs(kBad, "variables[0].aliases[0]: \"2N\" is no name"));
  EXPECT_THAT(error([](Q& q) { q.variables[0].most = 0; }), StatusIs(kBad, "variables[0]: has the range 1 to 0"));
  EXPECT_THAT(error([](Q& q) { q.variables.resize(13); }), StatusIs(kBad, "variables: has 13 entries"));
  EXPECT_THAT(error([](Q& q) { q.constraints = {"N + s"}; }), StatusIs(kBad, "constraints[0]: has no relation"));
  EXPECT_THAT(error([](Q& q) { q.constraints = {"N < 1"}; }), StatusIs(kBad, "constraints: no values"));
}

}  // namespace
}  // namespace tensord::grading
