// Tensors as lists of numbers in a file.
#include "client/cli/message_file/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/message_file/read.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::cli::message_file {
namespace {

using ::testing::HasSubstr;

// `float32 [2,2] 1 2 3 4`, or the error.
std::string Shown(const v1::Tensor& tensor) {
  const absl::StatusOr<Elements> elements = Elements::Of(tensor);
  if (!elements.ok()) return std::string(elements.status().message());
  std::string text = absl::StrCat(TypeName(tensor.data_type()), " [", absl::StrJoin(elements->shape(), ","), "]",
                                  tensor.has_axes() ? absl::StrCat(" ", tensor.axes()) : "");
  for (int64_t i = 0; i < elements->count(); ++i) absl::StrAppend(&text, " ", elements->Text(i));
  return text;
}

std::string Datum(const std::string& text) {
  v1::Question question;
  const absl::Status read = ReadMessageFile("data:\n  X: " + text, "f.yaml", question);
  return read.ok() ? Shown(question.data().at("X").tensor()) : std::string(read.message());
}

TEST(TensorTest, ListsAndScalars) {
  EXPECT_EQ(Datum("[[1, 2], [3, -4.5]]"), "float32 [2,2] 1 2 3 -4.5");
  EXPECT_EQ(Datum("2.5"), "float32 [] 2.5");
  EXPECT_EQ(Datum("[[], []]"), "float32 [2,0]");
  EXPECT_EQ(Datum("[.nan, .inf, -.inf, NaN, \"Infinity\", \"-Infinity\"]"),
            "float32 [6] NaN Infinity -Infinity NaN Infinity -Infinity");
  EXPECT_EQ(Datum("\n    - [1, 2]\n    - [3, 4]\n"), "float32 [2,2] 1 2 3 4");
}

TEST(TensorTest, MappingsWithTypeAndShape) {
  EXPECT_EQ(Datum("{type: int64, values: [9007199254740993, -9223372036854775808]}"),
            "int64 [2] 9007199254740993 -9223372036854775808");
  EXPECT_EQ(Datum("{type: int8, shape: [2, 2], values: [1, 2, 3, 4]}"), "int8 [2,2] 1 2 3 4");
  EXPECT_EQ(Datum("{shape: [1], values: 4}"), "float32 [1] 4");
  EXPECT_EQ(Datum("{axes: HW, values: [[1]]}"), "float32 [1,1] HW 1");
  EXPECT_EQ(Datum("{tensor: {type: float64, values: 0.1}}"), "float64 [] 0.1");
  EXPECT_EQ(Datum("{tensor: {data_type: int32, shape: 2, integers: [3, 4]}}"), "int32 [2] 3 4");
  EXPECT_EQ(Datum("{type: float32, shape: [1, 2], values: [[1, 2]]}"), "float32 [1,2] 1 2");
}

TEST(TensorTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(Datum("[[1, 2], [3]]"), "f.yaml:2: data.X[1]: has 1 entries, where the first one has 2");
  EXPECT_EQ(Datum("[[1], 2]"), "f.yaml:2: data.X[1]: was 2, where others have a list");
  EXPECT_EQ(Datum("[1, [2]]"), "f.yaml:2: data.X[1]: was a list, where others have a number");
  EXPECT_EQ(Datum("[1,\n   x]"), "f.yaml:3: data.X[1]: was \"x\", has to be a number");
  EXPECT_EQ(Datum("[\"1\"]"), "f.yaml:2: data.X[0]: was \"1\", has to be a number");
  EXPECT_EQ(Datum("[1, true]"), "f.yaml:2: data.X[1]: was \"true\", has to be a number");
  EXPECT_THAT(Datum("{type: int8, values: [1, 128]}"), HasSubstr("f.yaml:2: data.X.values[1]: is "));
  EXPECT_THAT(Datum("{type: int32, values: [1.5]}"), HasSubstr("f.yaml:2: data.X.values[0]: is "));
  EXPECT_THAT(Datum("{type: int64, values: [9223372036854775808]}"), HasSubstr("data.X.values[0]: is "));
  EXPECT_THAT(Datum("[1e39]"), HasSubstr("f.yaml:2: data.X[0]: is "));
  EXPECT_THAT(Datum("[[[[[[[[[1]]]]]]]]]"), HasSubstr("has to have at most 8"));
  EXPECT_EQ(Datum("{shape: [3], values: [1, 2]}"),
            "f.yaml:2: data.X.shape: was 3, has to be that of the values, which are 2");
  EXPECT_EQ(Datum("{shape: [2, 1], values: [[1, 2]]}"),
            "f.yaml:2: data.X.shape: was 2 x 1, has to be that of the values, which are 1 x 2");
  EXPECT_THAT(Datum("{shape: [-1, -2], values: [1, 2]}"), HasSubstr("f.yaml:2: data.X.shape: "));
  EXPECT_THAT(Datum("{shape: [4611686018427387904, 4611686018427387904], values: [1]}"),
              HasSubstr("f.yaml:2: data.X.shape: "));
  EXPECT_EQ(
      Datum("{values: [1], typ: int8}"),
      "f.yaml:2: data.X: has the unknown key \"typ\" (did you mean type?), has to have values, type, shape, axes");
  EXPECT_EQ(Datum("X.npy"),
            "f.yaml:2: data.X: was \"X.npy\", has to be lists of numbers, {type, shape, values}, {generated: {...}} or "
            "{file: X.npy}");
}

}  // namespace
}  // namespace tensord::cli::message_file
