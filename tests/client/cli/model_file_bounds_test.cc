// Descriptions of models that are made to take much room or time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/model_file/read.h"

namespace tensord::cli::model_file {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// What is wrong with it.
std::string Error(const std::string& text) { return std::string(ReadModel(text, "f.yaml").status().message()); }

// With one layer behind an image of 6 channels.
std::string ErrorOfOne(const std::string& layer) {
  return Error(absl::StrCat("input: [N, 6, 32, 24]\nlayers:\n  - ", layer, "\n"));
}

TEST(ModelFileBoundsTest, HostileTexts) {
  EXPECT_THAT(Error("input: &a [N, 3]\nlayers: [relu]"),
              HasSubstr("f.yaml:1: has an anchor (&name), which is not read"));
  EXPECT_THAT(Error("input: *a\nlayers: [relu]"), HasSubstr("f.yaml"));
  std::string laughs = "a0: &a0 [lol]\n";
  for (int i = 1; i < 40; ++i) {
    absl::StrAppend(&laughs, "a", i, ": &a", i, " [*a", i - 1, ", *a", i - 1, ", *a", i - 1, "]\n");
  }
  EXPECT_THAT(Error(laughs), HasSubstr("f.yaml:1: has an anchor"));
  EXPECT_THAT(Error("input: !!python/object:os.system [N]\nlayers: [relu]"), HasSubstr("has a tag (!name)"));
  const auto nested = [](size_t depth) {
    return Error("input: [N, 3]\nlayers: " + std::string(depth, '[') + std::string(depth, ']'));
  };
  // The file's own mapping is a level.
  EXPECT_THAT(nested(63), HasSubstr("f.yaml:2: layers[0]: was a list, has to be a layer"));
  for (const size_t depth : {size_t{64}, size_t{400}, size_t{10000}}) {
    EXPECT_THAT(nested(depth), AllOf(HasSubstr("f.yaml:2:"), HasSubstr("nested deeper than 64 levels")));
    EXPECT_THAT(Error("input: [N, 3]\nlayers: " + std::string(depth, '[')), HasSubstr("f.yaml:2:"));
  }
  EXPECT_EQ(Error(std::string(size_t{100} << 20, 'x')), "f.yaml: has 104857600 bytes, has to have at most 1048576");
  EXPECT_THAT(Error(std::string(size_t{1} << 19, '\0')), HasSubstr("f.yaml"));
}

TEST(ModelFileBoundsTest, RepetitionsHaveBounds) {
  const std::string too_large = "makes the model too large, has to have at most 131072 operators and repetitions";
  EXPECT_THAT(ErrorOfOne("repeat: {times: 2147483647, layers: [relu]}"), HasSubstr(too_large));
  EXPECT_THAT(ErrorOfOne("repeat: {times: 2147483647, layers: []}"), HasSubstr(too_large));
  std::string nested = "relu";
  for (int i = 0; i < 12; ++i) nested = "repeat: {times: 2147483647, layers: [" + nested + "]}";
  EXPECT_THAT(ErrorOfOne(nested), HasSubstr(too_large));
  // Names grow with the depth, and are bounded together.
  std::string named = "relu";
  for (int i = 0; i < 18; ++i) {
    const std::string name = i == 0 ? "" : ", name: " + std::string(64, 'n');
    named = absl::StrCat("{repeat: {times: ", i == 0 ? 131000 : 1, ", layers: [", named, "]}", name, "}");
  }
  EXPECT_THAT(ErrorOfOne(named), HasSubstr("67108864 bytes of names and attributes"));
}

// What nodes take and attributes have is bounded too: a repetition writes it again and again. As operators these are
// few enough.
TEST(ModelFileBoundsTest, RepetitionsOfLongLayersHaveBounds) {
  const auto many = [](const std::string& item) {
    std::string items = item;
    for (int i = 0; i < 1000; ++i) absl::StrAppend(&items, ", ", item);
    return items;
  };
  for (const std::string& layer :
       {absl::StrCat("{onnx: {operator: Foo, inputs: [", many("input"), "]}}"),
        absl::StrCat("{onnx: {operator: Foo, inputs: [", many("null"), "]}}"),
        absl::StrCat("{onnx: {operator: Foo, inputs: [{integers: [", many("1"), "]}]}}"),
        absl::StrCat("{onnx: {operator: Foo, attributes: {a: [", many("1"), "]}}}"),
        absl::StrCat("{onnx: {operator: Foo, attributes: {a: [", many("0.5"), "]}}}"),
        absl::StrCat("{onnx: {operator: Foo, attributes: {a: ", std::string(8000, 'x'), "}}}"),
        absl::StrCat("{add: , from: [", many("input"), "]}")}) {
    EXPECT_THAT(ErrorOfOne(absl::StrCat("repeat: {times: 30000, layers: [", layer, "]}")),
                HasSubstr("67108864 bytes of names and attributes"))
        << layer.substr(0, 40);
  }
}

}  // namespace
}  // namespace tensord::cli::model_file
