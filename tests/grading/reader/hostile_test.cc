// Texts that nobody means well with: every reader ends, in bounds, and says what it may show.
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/grading/reader/texts.h"

namespace tensord::grading {
namespace {

struct Reader {
  const char* name;
  // The refusal; nothing where the text was read.
  std::function<std::optional<Unreadable>(absl::string_view)> read;
};

template <typename Function>
Reader Make(const char* name, Function function) {
  return {name, [function](absl::string_view text) -> std::optional<Unreadable> {
            auto result = function(text, ReadLimits{.max_prose_bytes = size_t{1} << 20});
            if (auto* unreadable = std::get_if<Unreadable>(&result)) return std::move(*unreadable);
            return std::nullopt;
          }};
}

const std::vector<Reader>& Readers() {
  static const auto* const kReaders = new std::vector<Reader>{
      Make("number", ReadNumber),       Make("integer", ReadInteger), Make("numbers", ReadNumbers),
      Make("shape", ReadShape),         Make("places", ReadPlaces),   Make("value and places", ReadValueAndPlaces),
      Make("limits", ReadLimitsOfSums), Make("tensor", ReadTensor),
  };
  return *kReaders;
}

// Whether the text was refused; a refusal has to be fit to be shown.
bool Refuses(const Reader& reader, absl::string_view text) {
  const std::optional<Unreadable> unreadable = reader.read(text);
  if (!unreadable.has_value()) return false;
  EXPECT_FALSE(unreadable->reason.empty()) << reader.name;
  EXPECT_FALSE(unreadable->remedy.empty()) << reader.name << ": " << unreadable->reason;
  EXPECT_LE(unreadable->reason.size(), 400U) << reader.name;
  EXPECT_LE(unreadable->offset, text.size()) << reader.name;
  for (const char c : absl::StrCat(unreadable->reason, unreadable->remedy)) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) ADD_FAILURE() << reader.name << ": " << unreadable->reason;
  }
  return true;
}

std::string Repeat(absl::string_view part, size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (size_t i = 0; i < times; ++i) text.append(part.data(), part.size());
  return text;
}

// Long enough that what is quadratic would not end in the time of a test.
constexpr size_t kPatternBytes = size_t{1} << 15;

TEST(HostileTest, LongTextsOfOnePatternEnd) {
  constexpr absl::string_view kPatterns[] = {
      "(",
      "[",
      "{",
      ")",
      "((1,",
      "[[1],",
      "-",
      "--1",
      "9",
      "9.",
      "9,",
      "9,999",
      " 999",
      "1e9",
      "^",
      "2^",
      "(2^",
      "*",
      "**",
      "** ",
      "x",
      "x ",
      "3x",
      "a",
      "a=",
      "a=1 ",
      "1=",
      "1=a*",
      "=",
      "..",
      "0..1 ",
      "k<1 ",
      "0<=k,",
      "range(",
      "\\",
      "\\frac{1}",
      "\\text{",
      "\\begin{array}",
      "$",
      "\xC2\xB2",
      "\xE2\x80\xA6",
      "\xFF",
      "\x01",
      "\xF0\x9F\x98\x80",
      "'",
      "_",
      "_{",
      "a_{1",
      "1_",
      "1'",
      "floor(",
      "max(1,",
      "np.float32(",
      "True",
      ";",
      "\n",
      "1\n",
      ", ",
      "at ",
      "row 1 ",
      "%",
      "5%",
      "1/",
      "\\\\",
      "&",
      "0.1.",
      "1 x ",
      "(1) ",
      "1 (",
  };
  for (const absl::string_view pattern : kPatterns) {
    const std::string text = Repeat(pattern, kPatternBytes / pattern.size());
    for (const Reader& reader : Readers()) {
      Refuses(reader, text);
      Refuses(reader, absl::StrCat("1", text));
    }
  }
  EXPECT_TRUE(Refuses(Readers()[7], Repeat("[", 1000000)));
  EXPECT_TRUE(Refuses(Readers()[0], Repeat("(", 1000000)));
}

TEST(HostileTest, AMillionByteNumberIsRefused) {
  for (const Reader& reader : Readers()) {
    EXPECT_TRUE(Refuses(reader, std::string(1000000, '9'))) << reader.name;
    EXPECT_TRUE(Refuses(reader, "1e999999999")) << reader.name;
    EXPECT_TRUE(Refuses(reader, std::string((size_t{1} << 20) + 1, '1'))) << reader.name;
  }
}

// Random texts of pieces that the readers know.
TEST(HostileTest, RandomPiecesEnd) {
  constexpr absl::string_view kPieces[] = {
      "1",
      "20",
      "3.5",
      "1e3",
      "000",
      ",",
      ", ",
      " ",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      "x",
      " x ",
      "*",
      "**",
      "^",
      "+",
      "-",
      "/",
      "//",
      "%",
      "=",
      "..",
      "...",
      "<",
      "<=",
      ">",
      ":",
      ";",
      "\n",
      "a",
      "k1",
      "k_{1}",
      "at",
      "row",
      "for",
      "in",
      "to",
      "from",
      "and",
      "range",
      "both",
      "by",
      "answer",
      "floor",
      "max",
      "nan",
      "inf",
      "np.float32",
      "array",
      "tensor",
      "dtype=",
      "shape=",
      "million",
      "k",
      "\\frac",
      "\\sum",
      "\\times",
      "\\left",
      "\\{",
      "\\text{",
      "\\begin{bmatrix}",
      "\\end{bmatrix}",
      "&",
      "\\\\",
      "$",
      "_",
      "'",
      "\"",
      "\xC3\x97",
      "\xE2\x88\x92",
      "\xC2\xB2",
      "\xE2\x80\xA6",
      "\xE2\x88\x88",
      "\xFF",
      "\xC3",
      "\x01",
      "@",
      ".",
  };
  std::mt19937 random(20240614);
  size_t refused = 0;
  size_t read = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string text;
    for (size_t pieces = random() % 12; pieces > 0; --pieces)
      absl::StrAppend(&text, kPieces[random() % std::size(kPieces)]);
    const Reader& reader = Readers()[random() % Readers().size()];
    ++(Refuses(reader, text) ? refused : read);
  }
  // Both happen often, or the pieces test little.
  EXPECT_GT(refused, 20000U);
  EXPECT_GT(read, 20000U);
}

TEST(HostileTest, RandomBytesEnd) {
  std::mt19937 random(20240615);
  for (int i = 0; i < 200000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    Refuses(Readers()[static_cast<size_t>(i) % Readers().size()], text);
  }
}

}  // namespace
}  // namespace tensord::grading
