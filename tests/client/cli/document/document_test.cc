// YAML and JSON as trees, good and hostile.
#include "client/cli/document/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::cli::document {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The tree with lines: `{a: 1@1, b: ["x"@2, null@3]@2}@1`; or the error.
std::string Shown(const Value& value) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < value.items.size(); ++i) {
    const std::string key = value.kind == Value::Kind::kMap ? absl::StrCat(value.keys[i], ": ") : "";
    parts.push_back(key + Shown(value.items[i]));
  }
  const std::string inner = absl::StrJoin(parts, ", ");
  const std::string quote = value.is_quoted ? "\"" : "";
  switch (value.kind) {
    case Value::Kind::kNull:
      return absl::StrCat("null@", value.line);
    case Value::Kind::kScalar:
      return absl::StrCat(quote, value.text, quote, "@", value.line);
    case Value::Kind::kList:
      return absl::StrCat("[", inner, "]@", value.line);
    case Value::Kind::kMap:
      return absl::StrCat("{", inner, "}@", value.line);
  }
  return "";
}

std::string Tree(const std::string& text, const std::string& file = "f.yaml", const Limits& limits = {}) {
  const absl::StatusOr<Value> value = ReadDocument(text, file, limits);
  return value.ok() ? Shown(*value) : std::string(value.status().message());
}

TEST(DocumentTest, RemembersLinesAndQuotes) {
  EXPECT_EQ(Tree("a: 1\nb:\n  - \"x\"\n  - ~\n"), R"({a: 1@1, b: ["x"@3, null@4]@3}@1)");
  EXPECT_EQ(Tree("{\"a\": [1, 2.50], \"b\": \"3\"}"), R"({a: [1@1, 2.50@1]@1, b: "3"@1}@1)");
}

TEST(DocumentTest, BlocksKeepOrFoldTheirLines) {
  EXPECT_EQ(Tree("a: |\n  \\frac{1}{2}: [x\n    # y\nb: 1\n"), "{a: \"\\frac{1}{2}: [x\n  # y\n\"@1, b: 1@4}@1");
  EXPECT_EQ(Tree("a: >-\n  one\n  two\n"), R"({a: "one two"@1}@1)");
}

TEST(DocumentTest, JsonWritesCharactersBeyond16BitsAsTwoEscapes) {
  EXPECT_EQ(Tree(R"({"a": "\ud835\udc41 \u00e9"})", "f.json"), "{a: \"\xf0\x9d\x91\x81 \xc3\xa9\"@1}@1");
  EXPECT_EQ(Tree(R"({"a": "\\ud835\\udc41"})", "f.json"), R"({a: "\ud835\udc41"@1}@1)");
  // The first is a backslash and a word, which leaves the second alone.
  EXPECT_THAT(Tree(R"({"a": "\\ud835\udc41"})", "f.json"), HasSubstr("f.json:1: is no YAML"));
  EXPECT_THAT(Tree(R"({"a": "\ud835"})", "f.json"), HasSubstr("f.json:1: is no YAML"));
  EXPECT_THAT(Tree(R"({"a": "\udc41\ud835"})", "f.json"), HasSubstr("is no YAML"));
}

TEST(DocumentTest, RefusesWhatMakesMuchOfLittle) {
  EXPECT_THAT(Tree("a: &x 1\n", "f.yaml", {.instead_of_aliases = "say it twice"}),
              "f.yaml:1: has an anchor (&name), which is not read; say it twice");
  EXPECT_THAT(Tree("a: 1\nb: *x\n"), HasSubstr("f.yaml:2:"));
  EXPECT_THAT(Tree("a: !!binary x\n"), HasSubstr("f.yaml:1: has a tag"));
  EXPECT_THAT(Tree("a: 1\na: 2\n"), "f.yaml:2: has the key \"a\" twice");
  EXPECT_THAT(Tree("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
}

TEST(DocumentTest, KeepsItsLimits) {
  EXPECT_EQ(Tree("[[1]]", "f", {.max_depth = 2}), "[[1@1]@1]@1");
  EXPECT_EQ(Tree("[[[1]]]", "f", {.max_depth = 2}), "f:1: is nested deeper than 2 levels");
  EXPECT_EQ(Tree("[1]", "f", {.max_bytes = 3}), "[1@1]@1");
  EXPECT_EQ(Tree("[1 ]", "f", {.max_bytes = 3}), "f: has 4 bytes, has to have at most 3");
  EXPECT_EQ(Tree("[1, 2]", "f", {.max_values = 3}), "[1@1, 2@1]@1");
  EXPECT_THAT(Tree("[1, 2,\n3]", "f", {.max_values = 3}), StartsWith("f:2: has more than 3 values"));
  EXPECT_THAT(Tree(std::string(100000, '['), "f"), HasSubstr("f:1: "));
}

TEST(DocumentTest, Numbers) {
  const auto scalar = [](const std::string& text, bool is_quoted = false) {
    return Value{.kind = Value::Kind::kScalar, .line = 1, .is_quoted = is_quoted, .text = text};
  };
  EXPECT_EQ(NumberOf(scalar("-12")), -12);
  EXPECT_EQ(NumberOf(scalar("12", true)), std::nullopt);
  EXPECT_EQ(NumberOf(scalar("1.0")), std::nullopt);
  EXPECT_EQ(NumberOf(scalar("9223372036854775808")), std::nullopt);
  EXPECT_EQ(RealOf(scalar("1.5e2")), 150);
  EXPECT_EQ(RealOf(scalar("inf")), std::nullopt);
}

TEST(DocumentTest, ErrorsNameWhatIsKnown) {
  EXPECT_EQ(ErrorAt("f", 3, "a.b", "is x").message(), "f:3: a.b: is x");
  EXPECT_EQ(ErrorAt("f", 0, "", "is x").message(), "f: is x");
  EXPECT_EQ(ErrorAt("", 3, "a", "is x").message(), "a: is x");
  const Place place{.file = "f", .path = "", .line = 1};
  EXPECT_EQ(place.Below("a", {.line = 2}).At(3, {.line = 4}).Error("is x").message(), "f:4: a[3]: is x");
}

}  // namespace
}  // namespace tensord::cli::document
