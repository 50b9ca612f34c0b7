#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/grading/reader/texts.h"

namespace tensord::grading {
namespace {

using test::Row;
using test::Text;

constexpr Row kNumbers[] = {
    // Literals.
    {"5133600", "5133600"},
    {"  42\n", "42"},
    {"-6", "-6"},
    {"+6", "6"},
    {"\xE2\x88\x92"
     "6",
     "-6"},
    {"\xE2\x80\x93"
     "6",
     "-6"},
    {"1810.", "1810"},
    {"0.5", "0.5@-1"},
    {".5", "0.5@-1"},
    {"4.09", "4.09@-2"},
    {"4.090", "4.09@-3"},
    {"1.5e-3", "0.0015@-4"},
    {"1.23E6", "1230000@4"},
    {"1e3", "1000@3"},
    {"007", "7"},
    {"0", "0"},
    {"-0", "0"},
    {"\xEF\xBC\x91\xEF\xBC\x92", "12"},
    {"nan", "nan"},
    {"NaN", "nan"},
    {"inf", "inf"},
    {"-Infinity", "-inf"},
    {"-\xE2\x88\x9E", "-inf"},
    {"$-\\infty$", "-inf"},
    // Thousands.
    {"5,133,600", "5133600"},
    {"5 133 600", "5133600"},
    {"5'133'600", "5133600"},
    {"5\xE2\x80\x99"
     "133\xE2\x80\x99"
     "600",
     "5133600"},
    {"5_133_600", "5133600"},
    {"5.133.600", "5133600"},
    {"5\xC2\xA0"
     "133\xC2\xA0"
     "600",
     "5133600"},
    {"5\xE2\x80\x89"
     "133\xE2\x80\x89"
     "600",
     "5133600"},
    {"5\\,133\\,600", "5133600"},
    {"5{,}133{,}600", "5133600"},
    {"1,000", "1000"},
    {"-1,000", "-1000"},
    {"1,234.5", "1234.5@-1"},
    {"3,14", "3.14@-2"},
    {"0,5", "0.5@-1"},
    // Units.
    {"12%", "0.12@-2"},
    {"12.5 %", "0.125@-3"},
    {"5.13 million", "5130000@4"},
    {"5.1336M", "5133600@2"},
    {"57k", "57000@3"},
    {"10.3 MFLOPs", "10300000@5"},
    {"4 KiB", "4096"},
    {"2 GB", "2000000000@9"},
    {"5133600 multiplications", "multiplications:5133600"},
    {"57 m", "m:57"},
    // Arithmetic.
    {"3*3*10*20 + 10", "1810"},
    {"46 x 62 x 20", "57040"},
    {"46x62x20", "57040"},
    {"46X62", "2852"},
    {"46\xC3\x97"
     "62\xC3\x97"
     "20\xC3\x97"
     "90",
     "5133600"},
    {"(3\xC2\xB7"
     "3\xC2\xB7"
     "10)\xC2\xB7"
     "20 + 20",
     "1820"},
    {"3 \\times 3 \\cdot 10", "90"},
    {"$3 \\times 3 \\times 10 \\times 20 + 20$", "1820"},
    {"\\left( 3 \\cdot 3 \\right) 10", "unreadable: the answer states 2 numbers where one is asked: 9, 10"},
    {"(3)(4)", "12"},
    {"2(3+4)", "14"},
    {"2^20", "1048576"},
    {"2**10", "1024"},
    {"2\xC2\xB2\xE2\x81\xB0", "1048576"},
    {"10\xE2\x81\xBB\xC2\xB3", "0.001"},
    {"2^{10}", "1024"},
    {"2^-3", "0.125"},
    {"-2^2", "-4"},
    {"(-2)^2", "4"},
    {"2^3^2", "512"},
    {"1.5\xC2\xB7"
     "10^-3",
     "0.0015@-4"},
    {"1.5 \\times 10^{-3}", "0.0015@-4"},
    {"1/3", "1/3"},
    {"6/2", "3"},
    {"\\frac{1}{3}", "1/3"},
    {"\\frac{64-3}{1}+1", "62"},
    {"-1/3", "-1/3"},
    {"7//2", "3"},
    {"-7 // 2", "-4"},
    {"7 % 3", "1"},
    {"10 - 3 - 2", "5"},
    {"10-3", "7"},
    {"10 -3", "7"},
    {"2 + 3*4", "14"},
    {"100/10/5", "2"},
    {"[3*(2+1)]", "9"},
    {"{(1+2)}*2", "6"},
    {"floor((64-3)/2)+1", "31"},
    {"ceil(7/2)", "4"},
    {"\\lfloor 7/2 \\rfloor", "3"},
    {"\xE2\x8C\x88"
     "7/2\xE2\x8C\x89",
     "4"},
    {"max(0, -6)", "0"},
    {"min(3, 2, 5)", "2"},
    {"abs(-6)", "6"},
    // Chains: the last side counts.
    {"3*3*10*20 + 20 = 1820", "1820"},
    {"3*3*10*20 + 10 = 1820", "1820"},
    {"46*62*20*90 = 57040*90 = 5133600", "5133600"},
    {"C*20 = 3*3*10*20 = 1800", "1800"},
    {"2/3 \xE2\x89\x88 0.67", "0.67@-2"},
    {"params = 3*3*10*20 + 20", "params:1820"},
    {"46*62*20 positions * 90 = 5133600", "5133600"},
    {"W*H = 46*62 = 2852", "2852"},
    {"3*3*10*20\n= 1800", "1800"},
    // Prose around the answer.
    {"answer: 5133600 multiplications", "multiplications:5133600"},
    {"The answer is 1820.", "1820"},
    {"It has 1820 trainable parameters.", "trainable parameters:1820"},
    {"**1820**", "1820"},
    {"`1820`", "1820"},
    {"= 1820", "1820"},
    {"The result - 1820", "1820"},
    {"The result \xE2\x80\x94 1820", "1820"},
    {"Z = -6", "Z:-6"},
    {"2D convolution: 1820", "convolution:1820"},
    {"each has 90 weights, 20 of them, so in total 1820", "1820"},
    {"1820 (= 3*3*10*20 + 20)", "1820"},
    {"\\boxed{1820}", "1820"},
    {"\\text{answer: } 1820", "1820"},
    {"- 1820", "-1820 | 1820"},
    {"x = 5", "x:5"},
    {"Z(1,3) = 6", "6"},
    {"Z[1] = 6", "6"},
    {"46,62,20", "unreadable: the answer states 3 numbers where one is asked: 46, 62, 20"},
    {"x(5)", "5"},
    {"1,000,20", "unreadable: the answer states 3 numbers where one is asked: 1, 0, 20"},
    {"5 133 60", "unreadable: the answer states 3 numbers where one is asked: 5, 133, 60"},
    {"(1,3)", "unreadable: the answer states 2 numbers where one is asked: 1, 3"},
    // No answer.
    {"", "unreadable: the answer is empty"},
    {" \n", "unreadable: the answer is empty"},
    {"the indices must stay inside X", "unreadable: the answer states no number: \"the indices must stay inside X\""},
    {"H*W*C", "unreadable: the answer states no number: \"H*W*C\""},
    {"3*3*C", "unreadable: \"3*3*C\" has no value: \"C\" has no value"},
    {"10 and 20", "unreadable: the answer states 2 numbers where one is asked: 10, 20"},
    {"(46, 62, 20)", "unreadable: the answer states 3 numbers where one is asked: 46, 62, 20"},
    {"1/0", "unreadable: the answer has a division by 0"},
    {"0^-1", "unreadable: the answer has a division by 0"},
    {"2^0.5", "unreadable: the answer has a power that is no integer"},
    {"inf - inf", "unreadable: the answer has arithmetic with infinity"},
    {"1e999999999", "unreadable: the answer has a number of more than 4096 digits"},
    {"1e-99999999999999999999", "unreadable: the answer has a number of more than 4096 digits"},
    {"9^9^9", "unreadable: the answer has a number of more than 4096 digits"},
    {"10^5000", "unreadable: the answer has a number of more than 4096 digits"},
    {"(-1)^1000000007", "-1"},
    {"0^999999999999", "0"},
    {"sqrt(4)", "unreadable: \"sqrt(4)\" has no value: \"sqrt\" has no value"},
    {"\xFF\xFE", "unreadable: the answer states no number: \"\\xFF\\xFE\""},
    {"\x01\x02"
     "5",
     "5"},
};

TEST(ReadNumberTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kNumbers) EXPECT_EQ(Text(ReadNumber(row.text)), row.expected) << row.text;
}

TEST(ReadIntegerTest, TakesPointsForMarksOfThousandsToo) {
  constexpr Row kRows[] = {
      {"5.133", "5.133@-3 | 5133"},    {"5.13", "5.13@-2"}, {"0.133", "0.133@-3"},
      {"-5.133", "-5.133@-3 | -5133"}, {"1.5", "1.5@-1"},   {"5,133", "5133"},
  };
  for (const Row& row : kRows) EXPECT_EQ(Text(ReadInteger(row.text)), row.expected) << row.text;
}

TEST(ReadNumberTest, TellsEachStepAndWhereSidesDiffer) {
  const auto result = ReadNumber("so 3*3*10*20 + 10 = 1820");
  const auto& reading = std::get<NumberReading>(result);
  ASSERT_EQ(reading.steps.size(), 2U);
  EXPECT_EQ(reading.steps[0].text, "3*3*10*20 + 10");
  EXPECT_EQ(reading.steps[0].number, Number(1810));
  EXPECT_EQ(reading.steps[0].range, (TextRange{3, 17}));
  EXPECT_EQ(reading.value.range, (TextRange{20, 24}));
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_EQ(reading.notes[0].code, Note::Code::kUnequalSides);
  EXPECT_EQ(reading.notes[0].text, "3*3*10*20 + 10 is 1810, not 1820");
}

// The code of the first note, or -1.
int FirstNote(absl::string_view text) {
  const auto result = ReadNumber(text);
  const auto* reading = std::get_if<NumberReading>(&result);
  return reading == nullptr || reading->notes.empty() ? -1 : static_cast<int>(reading->notes.front().code);
}

TEST(ReadNumberTest, NotesHowItRead) {
  EXPECT_EQ(FirstNote("1820"), -1);
  EXPECT_EQ(FirstNote("3*3 = 9"), -1);
  EXPECT_EQ(FirstNote("2/3 = 0.67"), static_cast<int>(Note::Code::kRounded));
  EXPECT_EQ(FirstNote("2/3 = 0.66"), static_cast<int>(Note::Code::kUnequalSides));
  EXPECT_EQ(FirstNote("2/3 \xE2\x89\x88 0.66"), -1);
  EXPECT_EQ(FirstNote("3*C = 30"), static_cast<int>(Note::Code::kSideWithoutValue));
  EXPECT_EQ(FirstNote("57k"), static_cast<int>(Note::Code::kUnit));
  EXPECT_EQ(FirstNote("3,14"), static_cast<int>(Note::Code::kDecimalComma));
  EXPECT_EQ(FirstNote("1,000"), static_cast<int>(Note::Code::kThousands));
}

constexpr Row kSeveral[] = {
    {"10 and 20", "10 20"},
    {"10, 20", "10 20"},
    {"10,20", "10 20"},
    {"10 20", "10 20"},
    {"(10, 20)", "10 20"},
    {"[10 20]", "10 20"},
    {"10; 20", "10 20"},
    {"10\n20", "10 20"},
    {"10 & 20", "10 20"},
    {"10 / 20", "0.5"},
    {"in: 10, out: 20", "in:10 out:20"},
    {"C=10, O=20", "C:10 O:20"},
    {"C=10 O=20", "C:10 O:20"},
    {"inputs=10 outputs=20", "inputs:10 outputs:20"},
    {"C_{in} = 10, C_{out} = 20", "C_in:10 C_out:20"},
    {"10 input and 20 output channels", "input:10 output channels:20"},
    {"input channels: 10, output channels: 20", "input channels:10 output channels:20"},
    {"30720 and 28520", "30720 28520"},
    {"48*64*10 = 30720 and 46*62*10 = 28520", "30720 28520"},
    {"1,000 and 20", "1000 20 | 1 0 20"},
    {"1,000", "1 0 | 1000"},
    {"5,133,600; 57,040", "5133600 57040 | 5 133 600 57 40"},
    {"5 133 600", "5 133 600 | 5133600"},
    {"1 -2", "1 -2"},
    {"1 - 2", "-1"},
    {"46 x 62 x 20", "57040 | 46 62 20"},
    {"H*W and 20", "20"},
    {"10 and 2*C", "unreadable: \"2*C\" has no value: \"C\" has no value"},
    {"none", "unreadable: the answer states no number: \"none\""},
};

TEST(ReadNumbersTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kSeveral) EXPECT_EQ(Text(ReadNumbers(row.text)), row.expected) << row.text;
}

TEST(ReadNumbersTest, KeepsItsLimits) {
  std::string many;
  for (int i = 0; i < 1001; ++i) absl::StrAppend(&many, i, ", ");
  EXPECT_EQ(Text(ReadNumbers(many)), "unreadable: the answer has more than 1000 numbers");
  std::string sum = "1";
  for (int i = 0; i < 2001; ++i) absl::StrAppend(&sum, "+1");
  EXPECT_EQ(Text(ReadNumber(sum)), "unreadable: the answer has arithmetic of more than 2000 operations");
  EXPECT_EQ(Text(ReadNumber(sum.substr(0, 4001))), "2001");
  EXPECT_EQ(Text(ReadNumber(std::string(65, '(') + "1" + std::string(65, ')'))),
            "unreadable: the answer has brackets or powers nested more than 64 deep");
  EXPECT_EQ(Text(ReadNumber(std::string(64, '(') + "1" + std::string(64, ')'))), "1");
  EXPECT_EQ(Text(ReadNumber(std::string(4096, '9'))), std::string(4096, '9'));
  EXPECT_EQ(Text(ReadNumber(std::string(4097, '9'))), "unreadable: the answer has a number of more than 4096 digits");
  EXPECT_EQ(Text(ReadNumber(std::string(101, ' '), {.max_prose_bytes = 100})),
            "unreadable: the answer has 101 bytes, more than 100");
}

}  // namespace
}  // namespace tensord::grading
