#include "tensord/analysis/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tensord::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const std::vector<Count>& counts) {
  std::string text;
  for (const Count& count : counts) text += (text.empty() ? "" : ",") + count.ToString();
  return text;
}

DatasetDescription Describe(const std::vector<DatasetAxis>& axes, compute::DataType type = compute::DataType::kUint8) {
  compute::Violations violations;
  const auto result = DescribeDataset(axes, type, "axes", violations);
  EXPECT_TRUE(violations.empty()) << violations.ToStatus();
  return result.value_or(DatasetDescription{});
}

std::vector<compute::Violation> Refusals(const std::vector<DatasetAxis>& axes) {
  compute::Violations violations;
  EXPECT_FALSE(DescribeDataset(axes, compute::DataType::kUint8, "axes", violations).has_value());
  return violations.kept();
}

TEST(DatasetTest, DescribesTheHomeworksDataSets) {
  const auto images = Describe({{"image", 1000}, {"colour", 3}, {"height", 256}, {"width", 256}});
  EXPECT_EQ(Text(images.shape), "1000,3,256,256");
  EXPECT_THAT(images.axes, ElementsAre("image", "colour", "height", "width"));
  EXPECT_EQ(images.element_count.value(), 196608000);
  EXPECT_EQ(images.byte_count.value(), 196608000);
  EXPECT_THAT(images.formulas,
              testing::Contains(Formula{"element_count", "image*colour*height*width", "1000*3*256*256"}));

  const auto recordings = Describe({{"recording", 40}, {"channel", 80}, {"sample", 2400}}, compute::DataType::kFloat32);
  EXPECT_EQ(Text(recordings.shape), "40,80,2400");
  EXPECT_EQ(recordings.byte_count.value(), int64_t{40} * 80 * 2400 * 4);

  const auto videos = Describe({{"video", 32}, {"frame", 300}, {"colour", 3}, {"width", 512}, {"height", 512}});
  EXPECT_EQ(videos.element_count.decimal(), "7549747200");
}

TEST(DatasetTest, KeepsSymbols) {
  const auto result = Describe({{"image", "N"}, {"pixel", 784}}, compute::DataType::kFloat64);
  EXPECT_EQ(result.shape[0].expression(), "N");
  EXPECT_EQ(result.element_count.expression(), "N*784");
  EXPECT_EQ(result.element_count.decimal(), "");
  EXPECT_EQ(result.byte_count.expression(), "N*6272");
}

TEST(DatasetTest, CountsUpTo128BitsExactly) {
  const int64_t huge = std::numeric_limits<int64_t>::max();
  const auto result = Describe({{"a", huge}, {"b", huge}, {"c", 4}});
  EXPECT_EQ(result.element_count.decimal(), "340282366920938463389587631136930004996");
  EXPECT_EQ(result.element_count.value(), std::nullopt);
  const auto refusals = Refusals({{"a", huge}, {"b", huge}, {"c", 5}});
  ASSERT_EQ(refusals.size(), 2);
  EXPECT_EQ(refusals[0].field, "axes");
  EXPECT_THAT(refusals[0].description, HasSubstr("element_count does not fit into 128 bits"));
  EXPECT_THAT(refusals[1].description, HasSubstr("byte_count does not fit into 128 bits"));
}

TEST(DatasetTest, RefusesTooFewAndTooManyAxes) {
  EXPECT_THAT(Refusals({})[0].description, HasSubstr("had 0 axes, has to have 1..8"));
  std::vector<DatasetAxis> nine;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) nine.push_back({name, 2});
  const auto refusals = Refusals(nine);
  EXPECT_EQ(refusals[0].field, "axes");
  EXPECT_THAT(refusals[0].description, HasSubstr("had 9 axes"));
  nine.pop_back();
  EXPECT_EQ(Describe(nine).element_count.value(), 256);
}

TEST(DatasetTest, FindsEverythingThatIsWrong) {
  const auto refusals = Refusals({{"image", 0}, {"image", -1}, {"", 5}, {"2d", "N-1"}, {"ok", ""}});
  ASSERT_EQ(refusals.size(), 7);
  EXPECT_EQ(refusals[0].field, "axes[0].size");
  EXPECT_THAT(refusals[0].description, HasSubstr("was 0, has to be 1.."));
  EXPECT_EQ(refusals[1].field, "axes[1].name");
  EXPECT_THAT(refusals[1].description, HasSubstr("was 'image' again"));
  EXPECT_EQ(refusals[2].field, "axes[1].size");
  EXPECT_EQ(refusals[3].field, "axes[2].name");
  EXPECT_EQ(refusals[4].field, "axes[3].name");
  EXPECT_EQ(refusals[5].field, "axes[3].size");
  EXPECT_THAT(refusals[5].description, HasSubstr("was 'N-1', has to be a number or a symbol"));
  EXPECT_THAT(refusals[6].description, HasSubstr("was not given"));
}

TEST(DatasetTest, NamesHaveAtMost64Characters) {
  EXPECT_EQ(Describe({{std::string(64, 'a'), 3}, {"left-right_2", 2}}).element_count.value(), 6);
  EXPECT_EQ(Refusals({{std::string(65, 'a'), 3}})[0].field, "axes[0].name");
}

}  // namespace
}  // namespace tensord::analysis
