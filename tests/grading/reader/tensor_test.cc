#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/grading/reader/texts.h"

namespace tensord::grading {
namespace {

using test::Row;
using test::Text;

constexpr Row kTensors[] = {
    {"[[1, 2], [3, 4]]", "[2 2] 1 2 3 4"},
    {"[[1,2],[3,4]]", "[2 2] 1 2 3 4"},
    {"((1, 2), (3, 4))", "[2 2] 1 2 3 4"},
    {"{{1, 2}, {3, 4}}", "[2 2] 1 2 3 4"},
    {"([1, 2], [3, 4])", "[2 2] 1 2 3 4"},
    {"[1, 3, 0, 1]", "[4] 1 3 0 1"},
    {"1, 3, 0, 1", "[4] 1 3 0 1"},
    {"1 3 0 1", "[4] 1 3 0 1"},
    {"(1, 3, 0, 1)", "[4] 1 3 0 1"},
    {"y = [1,3,0,1]", "[4] 1 3 0 1"},
    {"The answer is [1, 3, 0, 1].", "[4] 1 3 0 1"},
    {"1, 3, 0, 1.", "[4] 1 3 0 1"},
    {"y = 1, 3, 0, 1", "[4] 1 3 0 1"},
    {"[-1 -2]", "[2] -1 -2"},
    {"[\xE2\x88\x92"
     "1, +2]",
     "[2] -1 2"},
    {"[1]", "[1] 1"},
    {"[]", "[0]"},
    {"[[], []]", "[2 0]"},
    {"[[[1], [2]], [[3], [4]]]", "[2 2 1] 1 2 3 4"},
    {"5", "[] 5"},
    {"5.25", "[] 5.25@-2"},
    {"tensor(5.)", "[] 5@0"},
    {"np.float32(1.5)", "[] 1.5@-1 float32"},
    // NumPy.
    {"array([[1., 2.],\n       [3., 4.]], dtype=float32)", "[2 2] 1 2 3 4@0 float32"},
    {"array([1, 2])", "[2] 1 2"},
    {"np.array([[1, 2], [3, 4]])", "[2 2] 1 2 3 4"},
    {"[[1. 2.]\n [3. 4.]]", "[2 2] 1 2 3 4@0"},
    {"[[ 1.5 -2. ]\n [ 3.   4. ]]", "[2 2] 1.5 -2 3 4@-1"},
    {"[[1 2]\n [3 4]]", "[2 2] 1 2 3 4"},
    {"[ 0  1  2  3\n  4  5]", "[6] 0 1 2 3 4 5"},
    {"[np.float32(1.5), np.float32(2.0)]", "[2] 1.5 2@-1 float32"},
    {"[np.int64(1), np.int64(2)]", "[2] 1 2 int64"},
    {"array([], shape=(0, 3), dtype=float64)", "[0 3] float64"},
    {"array([1., 2.], shape=(2,), dtype=float32)", "[2] 1 2@0 float32"},
    {"[1.e-03 2.5e+01]", "[2] 0.001 25@-3"},
    {"[nan inf -inf]", "[3] nan inf -inf"},
    {"[ True False]", "[2] 1 0"},
    // PyTorch.
    {"tensor([[1., 2.],\n        [3., 4.]])", "[2 2] 1 2 3 4@0"},
    {"tensor([1.5000, 2.2500], dtype=torch.float64)", "[2] 1.5 2.25@-4 float64"},
    {"tensor([1.5], device='cuda:0', requires_grad=True)", "[1] 1.5@-1"},
    {"tensor([[1., 2.]], grad_fn=<ReluBackward0>)", "[1 2] 1 2@0"},
    // MATLAB, LaTeX, CSV.
    {"[1 2; 3 4]", "[2 2] 1 2 3 4"},
    {"[1, 2; 3, 4]", "[2 2] 1 2 3 4"},
    {"[1 2; 3 4;]", "[2 2] 1 2 3 4"},
    {"[1; 2; 3]", "[3 1] 1 2 3"},
    {"[[1,2];[3,4]]", "[2 2] 1 2 3 4"},
    {"ans =\n\n     1     2\n     3     4\n", "[2 2] 1 2 3 4"},
    {"\\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}", "[2 2] 1 2 3 4"},
    {"$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$", "[2 2] 1 2 3 4"},
    {"\\left[1, 2\\right]", "[2] 1 2"},
    {"1,2\n3,4\n", "[2 2] 1 2 3 4"},
    {"1,2\r\n3,4\r\n", "[2 2] 1 2 3 4"},
    {"1;2\n3;4", "[2 2] 1 2 3 4"},
    {"1 2;\n3 4;", "[2 2] 1 2 3 4"},
    {"1\t2\n3\t4", "[2 2] 1 2 3 4"},
    {"1 2; 3 4", "[2 2] 1 2 3 4"},
    {"1,\n2,\n3", "[3] 1 2 3"},
    {"[1, 2]\n[3, 4]", "[2 2] 1 2 3 4"},
    {"[1, 2], [3, 4]", "[2 2] 1 2 3 4"},
    {"[1/3, 2/4]", "[2] 0.333333 0.5"},
    {"[0.3333, 0.5]", "[2] 0.3333 0.5@-4"},
    {"[1e-400]", "[1] 0@-400"},
    // No answer.
    {"[[1, 2], [3]]", "unreadable: the lists differ in length: one has 1 where the one before has 2"},
    {"[1, [2]]", "unreadable: the lists differ in length: a number stands beside a list"},
    {"[[1], 2]", "unreadable: the lists differ in length: a number stands beside a list"},
    {"[[1], [[2]]]", "unreadable: the lists differ in length: numbers stand at different depths"},
    {"1,2\n3", "unreadable: the lists differ in length: one has 1 where the one before has 2"},
    {"[1 2; 3]", "unreadable: the lists differ in length: one has 1 where the one before has 2"},
    {"[0 1 2 ... 97 98 99]", "unreadable: the answer is cut short by \"...\""},
    {"[0, 1, \xE2\x80\xA6, 99]", "unreadable: the answer is cut short by \"...\""},
    {"[1, 2", "unreadable: a bracket is not closed"},
    {"[1, x]", "unreadable: \"x\" stands where a number should"},
    {"[1, null]", "unreadable: \"null\" stands where a number should"},
    {"[1+2j]", "unreadable: \"+\" stands where a number should"},
    {"[2*3]", "unreadable: \"*\" stands where a number should"},
    {"[1/0]", "unreadable: \"0\" divides by 0"},
    {"[1e400]", "unreadable: \"1e400\" is beyond float64"},
    {"[1.234.567]", "unreadable: \"1.234.567\" has more than one point"},
    {"[1, 2] and [3, 4]", "unreadable: the answer states more than one tensor where one is asked"},
    {"array([1., 2.], shape=(3,))", "unreadable: the print states the shape (3) and has (2)"},
    {"all zeros", "unreadable: the answer states no tensor: \"all zeros\""},
};

TEST(ReadTensorTest, ReadsWhatStudentsWrite) {
  for (const Row& row : kTensors) EXPECT_EQ(Text(ReadTensor(row.text)), row.expected) << row.text;
}

TEST(ReadTensorTest, TellsWhereAndWhatToDo) {
  const auto ragged = ReadTensor("[[1, 2],\n [3]]");
  EXPECT_EQ(std::get<Unreadable>(ragged).offset, 12U);
  const auto cut = ReadTensor("[0 1 ... 9]");
  EXPECT_EQ(std::get<Unreadable>(cut).offset, 5U);
  EXPECT_TRUE(absl::StrContains(std::get<Unreadable>(cut).remedy, "np.set_printoptions(threshold=sys.maxsize)"));
}

TEST(ReadTensorTest, KnowsThePlaceOfEachLastDigit) {
  const auto result = ReadTensor("[1, 2.50, 3e2, 1/4]");
  const auto& reading = std::get<TensorReading>(result);
  EXPECT_EQ(reading.last_places, (std::vector<int16_t>{kExactPlace, -2, 2, kExactPlace}));
  EXPECT_EQ(reading.lowest_place, -2);
}

// A random tensor and how it is printed.
struct Style {
  const char* name;
  const char* number;  // of one element, as of printf
  const char* open;
  const char* close;
  const char* comma;  // between elements
  const char* row;    // between lists
  const char* before;
  const char* after;
};
constexpr Style kStyles[] = {
    {"JSON", "%.17g", "[", "]", ",", ",", "", ""},
    {"JSONWithSpaces", "%.17g", "[", "]", ", ", ",\n  ", "", "\n"},
    {"NumPyRepr", "%.8f", "[", "]", ", ", ",\n       ", "array(", ", dtype=float32)"},
    {"NumPyStr", "%12.8f", "[", "]", " ", "\n ", "", ""},
    {"NumPyExponents", "%.8e", "[", "]", "  ", "\n\n ", "", ""},
    {"NumPy2Scalars", "np.float32(%.9g)", "[", "]", ", ", ", ", "", ""},
    {"PyTorch", "%.4f", "[", "]", ", ", ",\n        ", "tensor(", ", grad_fn=<AddBackward0>)"},
    {"Tuples", "%.17g", "(", ")", ", ", ", ", "", ""},
    {"Braces", "%.17g", "{", "}", ", ", ", ", "", ""},
};

// The values of one list at `level`, from values[*at] on.
std::string Print(const Style& style, const std::vector<int64_t>& shape, size_t level,
                  const std::vector<double>& values, size_t* at) {
  std::string text = style.open;
  for (int64_t i = 0; i < shape[level]; ++i) {
    const bool last = level + 1 == shape.size();
    if (i > 0) absl::StrAppend(&text, last ? style.comma : style.row);
    if (last) {
      char number[64];
      std::snprintf(number, sizeof number, style.number, values[(*at)++]);
      absl::StrAppend(&text, number);
    } else {
      absl::StrAppend(&text, Print(style, shape, level + 1, values, at));
    }
  }
  return absl::StrCat(text, style.close);
}

class RoundTripTest : public testing::TestWithParam<Style> {};

TEST_P(RoundTripTest, GivesTheTensorBack) {
  const Style& style = GetParam();
  std::mt19937 random(20240612);
  for (int round = 0; round < 300; ++round) {
    std::vector<int64_t> shape(1 + random() % 4);
    size_t count = 1;
    for (int64_t& size : shape) {
      // (5) is no tuple: parentheses need two elements each.
      size = static_cast<int64_t>(random() % 4 + (style.open[0] == '(' ? 2 : 1));
      count *= static_cast<size_t>(size);
    }
    std::vector<double> values(count);
    for (double& value : values)
      value = std::ldexp(static_cast<double>(random()) - 2147483648.0, -28 + static_cast<int>(random() % 3));
    size_t at = 0;
    const std::string text = absl::StrCat(style.before, Print(style, shape, 0, values, &at), style.after);
    const auto result = ReadTensor(text);
    ASSERT_TRUE(std::holds_alternative<TensorReading>(result)) << Text(result) << "\n" << text;
    const auto& reading = std::get<TensorReading>(result);
    ASSERT_EQ(reading.shape, shape) << text;
    ASSERT_EQ(reading.values.size(), count);
    for (size_t i = 0; i < count; ++i) {
      char printed[64];
      std::snprintf(printed, sizeof printed, style.number, values[i]);
      const char* digits = absl::StartsWith(printed, "np.") ? printed + 11 : printed;
      ASSERT_EQ(reading.values[i], std::strtod(digits, nullptr)) << text;
      // Within half of the last printed digit, as the header says.
      if (reading.last_places[i] == kExactPlace) continue;
      ASSERT_LE(std::abs(reading.values[i] - values[i]), 0.5000001 * std::pow(10.0, reading.last_places[i])) << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Styles, RoundTripTest, testing::ValuesIn(kStyles),
                         [](const testing::TestParamInfo<Style>& style) { return std::string(style.param.name); });

// CSV and MATLAB, which have two axes.
TEST(ReadTensorTest, GivesRandomMatricesBackFromRows) {
  std::mt19937 random(20240613);
  for (const auto& [open, comma, row, close] : std::vector<std::array<std::string, 4>>{{"", ",", "\n", ""},
                                                                                       {"", "\t", "\r\n", "\r\n"},
                                                                                       {"", "   ", "\n", "\n"},
                                                                                       {"[", " ", "; ", "]"},
                                                                                       {"[", ", ", ";", "]"}}) {
    for (int round = 0; round < 100; ++round) {
      const size_t rows = 2 + random() % 5;
      const size_t columns = 1 + random() % 5;
      std::string text = open;
      std::vector<double> values;
      for (size_t i = 0; i < rows * columns; ++i) {
        values.push_back(static_cast<double>(static_cast<int>(random() % 2000) - 1000) / 8);
        absl::StrAppend(&text, i == 0 ? "" : i % columns == 0 ? row : comma, absl::StrFormat("%.17g", values.back()));
      }
      absl::StrAppend(&text, close);
      const auto result = ReadTensor(text);
      ASSERT_TRUE(std::holds_alternative<TensorReading>(result)) << Text(result) << "\n" << text;
      ASSERT_EQ(std::get<TensorReading>(result).values, values) << text;
      const std::vector<int64_t> shape{static_cast<int64_t>(rows), static_cast<int64_t>(columns)};
      ASSERT_EQ(std::get<TensorReading>(result).shape, shape) << text;
    }
  }
}

}  // namespace
}  // namespace tensord::grading
