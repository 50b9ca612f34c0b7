// Constant, ConstantOfShape, Range, NonZero, OneHot, EyeLike, random numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

GraphTensor Tensor(ElementType type, std::vector<Dimension> shape, std::optional<ConstantValues> values) {
  return {.name = "", .type = type, .shape = std::move(shape), .values = std::move(values)};
}

GraphTensor Integers(std::vector<Dimension> shape, std::vector<int64_t> values) {
  return Tensor(ElementType::kInt64, std::move(shape), std::move(values));
}

SmallGraph ConstantOf(Attributes attributes) { return SmallGraph().Node("Constant", {}, {"y"}, std::move(attributes)); }

TEST(ConstantOperatorsTest, AConstantIsWhatItsAttributeSays) {
  EXPECT_EQ(ConstantOf({{"value", Integers({2, 2}, {1, 2, 3, 4})}}).Shape("y"), "[2,2]");
  EXPECT_EQ(ConstantOf({{"value", Integers({2, 2}, {1, 2, 3, 4})}}).Values("y"), "[1,2,3,4]");
  EXPECT_EQ(ConstantOf({{"value", Tensor(ElementType::kFloat32, {64, 3}, std::nullopt)}}).Shape("y"), "[64,3]");
  EXPECT_EQ(ConstantOf({{"value_int", 7}}).Shape("y"), "[]");
  EXPECT_EQ(ConstantOf({{"value_int", 7}}).Values("y"), "[7]");
  EXPECT_EQ(ConstantOf({{"value_ints", Ints({7, 8})}}).Shape("y"), "[2]");
  EXPECT_EQ(ConstantOf({{"value_ints", Ints({7, 8})}}).Values("y"), "[7,8]");
  EXPECT_EQ(ConstantOf({{"value_ints", Ints({})}}).Shape("y"), "[0]");
  EXPECT_EQ(ConstantOf({{"value_float", 0.5}}).Shape("y"), "[]");
  EXPECT_EQ(ConstantOf({{"value_floats", std::vector<double>{0.5, 1, 2}}}).Shape("y"), "[3]");
  EXPECT_EQ(ConstantOf({{"value_string", "text"}}).Shape("y"), "[]");
  EXPECT_EQ(ConstantOf({{"value_strings", std::vector<std::string>{"a", "b"}}}).Shape("y"), "[2]");
  EXPECT_EQ(ConstantOf({{"sparse_value", OpaqueAttribute()}}).Shape("y"), "unknown");
}

TEST(ConstantOperatorsTest, ConstantsHaveTypesAndAreNoLayers) {
  const auto type = [](Attributes attributes) {
    const auto analysis = ConstantOf(std::move(attributes)).Analyze({"y"}).value();
    EXPECT_THAT(analysis.layers, IsEmpty());
    return analysis.outputs[0].type;
  };
  EXPECT_EQ(type({{"value", Tensor(ElementType::kBool, {}, std::vector<int64_t>{1})}}), ElementType::kBool);
  EXPECT_EQ(type({{"value_int", 7}}), ElementType::kInt64);
  EXPECT_EQ(type({{"value_ints", Ints({7})}}), ElementType::kInt64);
  EXPECT_EQ(type({{"value_float", 7.0}}), ElementType::kFloat32);
  EXPECT_EQ(type({{"value_floats", std::vector<double>{7}}}), ElementType::kFloat32);
  EXPECT_EQ(type({{"value_string", ""}}), ElementType::kString);
  EXPECT_EQ(type({{"value_strings", std::vector<std::string>()}}), ElementType::kString);
}

TEST(ConstantOperatorsTest, ConstantsRefuseWhatIsNone) {
  EXPECT_THAT(ConstantOf({}).Shape("y"), HasSubstr("node (Constant): its value is missing"));
  EXPECT_THAT(ConstantOf({{"value_int", 7}, {"value_float", 7.0}}).Shape("y"), HasSubstr("may have one value"));
  EXPECT_THAT(ConstantOf({{"value", 7}}).Shape("y"), HasSubstr("value has to be a tensor"));
  EXPECT_THAT(ConstantOf({{"value_int", 7.5}}).Shape("y"), HasSubstr("value_int has to be an integer"));
  EXPECT_THAT(ConstantOf({{"value_ints", 7}}).Shape("y"), HasSubstr("value_ints has to be a list of integers"));
  EXPECT_THAT(ConstantOf({{"value_float", "7"}}).Shape("y"), HasSubstr("value_float has to be a number"));
  EXPECT_THAT(ConstantOf({{"value_floats", 7}}).Shape("y"), HasSubstr("value_floats has to be a list of reals"));
  EXPECT_THAT(ConstantOf({{"value_string", 7}}).Shape("y"), HasSubstr("value_string has to be a text"));
  EXPECT_THAT(ConstantOf({{"value_strings", "7"}}).Shape("y"), HasSubstr("value_strings has to be a list of texts"));
  EXPECT_THAT(ConstantOf({{"value", Integers({3}, {1, 2})}}).Shape("y"),
              AllOf(HasSubstr("2 values"), HasSubstr("[3]")));
  EXPECT_THAT(ConstantOf({{"value", Integers({"N"}, {1})}}).Shape("y"), HasSubstr("have to be numbers"));
  EXPECT_THAT(ConstantOf({{"value", Integers({-1}, {})}}).Shape("y"), HasSubstr("numbers from 0 on"));
  EXPECT_THAT(ConstantOf({{"value", Integers({1, 1, 1, 1, 1, 1, 1, 1, 1}, {1})}}).Shape("y"), HasSubstr("of rank 9"));
  EXPECT_THAT(ConstantOf({{"value", GraphTensor{.name = "", .type = ElementType::kInt64}}}).Shape("y"),
              HasSubstr("has no shape"));
}

SmallGraph Filled(std::vector<int64_t> shape, Attributes attributes = {}) {
  return SmallGraph().Integers("s", std::move(shape)).Node("ConstantOfShape", {"s"}, {"y"}, std::move(attributes));
}

TEST(ConstantOperatorsTest, ConstantOfShapeFills) {
  const Attributes five = {{"value", Integers({1}, {5})}};
  EXPECT_EQ(Filled({2, 3}).Shape("y"), "[2,3]");
  EXPECT_EQ(Filled({}).Shape("y"), "[]");
  EXPECT_EQ(Filled({0, 4}).Shape("y"), "[0,4]");
  EXPECT_EQ(Filled({2, 2}, five).Values("y"), "[5,5,5,5]");
  EXPECT_EQ(Filled({}, five).Values("y"), "[5]");
  EXPECT_EQ(Filled({2}).Analyze({"y"})->outputs[0].type, ElementType::kFloat32);
  EXPECT_EQ(Filled({2}, five).Analyze({"y"})->outputs[0].type, ElementType::kInt64);
  EXPECT_THAT(Filled({2, -1}).Shape("y"), AllOf(HasSubstr("[2,-1]"), HasSubstr("cannot be negative")));
  EXPECT_THAT(Filled({1, 1, 1, 1, 1, 1, 1, 1, 1}).Shape("y"), HasSubstr("of rank 9"));
  EXPECT_THAT(Filled({2}, {{"value", 5}}).Shape("y"), HasSubstr("value has to be a tensor"));
  EXPECT_THAT(Filled({2}, {{"value", Integers({2}, {5, 6})}}).Shape("y"), HasSubstr("[2], has to have one element"));
  EXPECT_THAT(SmallGraph().Integers("s", {1, 1}, {2}).Node("ConstantOfShape", {"s"}, {"y"}).Shape("y"),
              HasSubstr("has to be of rank 1"));
  EXPECT_EQ(SmallGraph().Input("s", {2}).Node("ConstantOfShape", {"s"}, {"y"}).Shape("y"), "unknown");
}

// Sizes that a file claims allocate nothing; the test would not end otherwise.
TEST(ConstantOperatorsTest, LargeTensorsHaveNoValues) {
  const int64_t large = int64_t{1} << 60;
  SmallGraph graph = Filled({large, large}, {{"value", Integers({1}, {5})}});
  EXPECT_EQ(graph.Shape("y"), "[1152921504606846976,1152921504606846976]");
  graph.Integers("one", {1}, {1})
      .Integers("r", {large})
      .Integers("rr", {large, 0})
      .Integers("row", {1, 1}, {1})
      .Node("Expand", {"one", "r"}, {"expanded"})
      .Node("Tile", {"one", "r"}, {"tiled"})
      .Node("Tile", {"row", "rr"}, {"none"})
      .Node("Transpose", {"none"}, {"turned"})
      .Node("Concat", {"y", "y"}, {"joined"}, {{"axis", 0}});
  EXPECT_EQ(graph.Shapes({"expanded", "tiled", "none", "turned", "joined"}),
            "[1152921504606846976] [1152921504606846976] [1152921504606846976,0] [0,1152921504606846976] "
            "[2305843009213693952,1152921504606846976]");
}

// 4096 elements are kept, and no more.
TEST(ConstantOperatorsTest, ValuesAreKeptUpToTheBound) {
  const auto kept = [](int64_t count) {
    SmallGraph graph = Filled({count}, {{"value", Integers({1}, {5})}});
    graph.Integers("at", {0}).Node("Gather", {"y", "at"}, {"first"});
    return graph.Node("ConstantOfShape", {"first"}, {"z"}).Shape("z");
  };
  EXPECT_EQ(kept(4096), "[5]");
  EXPECT_EQ(kept(4097), "unknown");
  const auto listed = [](size_t count) {
    SmallGraph graph = ConstantOf({{"value_ints", std::vector<int64_t>(count, 5)}});
    return graph.Node("ConstantOfShape", {"y"}, {"z"}).Shape("z");
  };
  EXPECT_THAT(listed(4096), HasSubstr("of rank 4096"));
  EXPECT_EQ(listed(4097), "unknown");
}

// Of values with symbols in them fewer.
TEST(ConstantOperatorsTest, SymbolsAreKeptUpToTheirBound) {
  const auto kept = [](int64_t count) {
    return SmallGraph()
        .Input("x", {"N"})
        .Integers("count", {count})
        .Integers("at", {0})
        .Node("Shape", {"x"}, {"n"})
        .Node("Expand", {"n", "count"}, {"many"})
        .Node("Gather", {"many", "at"}, {"first"})
        .Node("ConstantOfShape", {"first"}, {"z"})
        .Shape("z");
  };
  EXPECT_EQ(kept(64), "[N]");
  EXPECT_EQ(kept(65), "unknown");
}

SmallGraph Ranged(int64_t start, int64_t limit, int64_t delta) {
  return SmallGraph()
      .Integers("start", std::vector<Dimension>{}, {start})
      .Integers("limit", std::vector<Dimension>{}, {limit})
      .Integers("delta", std::vector<Dimension>{}, {delta})
      .Node("Range", {"start", "limit", "delta"}, {"y"});
}

TEST(ConstantOperatorsTest, RangesOfIntegers) {
  EXPECT_EQ(Ranged(3, 9, 3).Values("y"), "[3,6]");
  EXPECT_EQ(Ranged(10, 4, -2).Values("y"), "[10,8,6]");
  EXPECT_EQ(Ranged(10, 5, -2).Values("y"), "[10,8,6]");
  EXPECT_EQ(Ranged(0, 7, 3).Shape("y"), "[3]");
  EXPECT_EQ(Ranged(7, 0, 3).Shape("y"), "[0]");
  EXPECT_EQ(Ranged(4, 4, 1).Shape("y"), "[0]");
  EXPECT_EQ(Ranged(0, int64_t{1} << 62, 1).Shape("y"), "[4611686018427387904]");
  EXPECT_THAT(Ranged(0, 4, 0).Shape("y"), HasSubstr("its delta is 0"));
}

TEST(ConstantOperatorsTest, RangesOfSymbols) {
  SmallGraph graph = SmallGraph()
                         .Input("x", {"N", 3})
                         .Integers("zero", std::vector<Dimension>{}, {0})
                         .Integers("one", std::vector<Dimension>{}, {1})
                         .Integers("two", std::vector<Dimension>{}, {2})
                         .Node("Shape", {"x"}, {"s"})
                         .Node("Gather", {"s", "zero"}, {"n"})
                         .Node("Range", {"zero", "n", "one"}, {"all"})
                         .Node("Range", {"zero", "n", "two"}, {"even"})
                         .Node("Range", {"n", "zero", "one"}, {"none"});
  EXPECT_EQ(graph.Shapes({"all", "even", "none"}), "[N] [ceil(N/2)] [0]");
  graph.Node("Range", {"zero", "two", "n"}, {"bad"});
  EXPECT_THAT(graph.Shape("bad"), HasSubstr("its delta was N, has to be a number"));
}

TEST(ConstantOperatorsTest, RangesOfReals) {
  const auto range = [](std::vector<double> start, std::vector<double> limit, std::vector<double> delta) {
    return SmallGraph()
        .Reals("start", std::move(start))
        .Reals("limit", std::move(limit))
        .Reals("delta", std::move(delta))
        .Node("Range", {"start", "limit", "delta"}, {"y"})
        .Shape("y");
  };
  EXPECT_EQ(range({1}, {5}, {2}), "[2]");
  EXPECT_EQ(range({0}, {1}, {0.3}), "[4]");
  EXPECT_EQ(range({1}, {0}, {-0.25}), "[4]");
  EXPECT_EQ(range({1}, {0}, {0.25}), "[0]");
  EXPECT_THAT(range({0}, {1}, {0}), HasSubstr("no number of steps"));
  EXPECT_THAT(range({0}, {1e300}, {1e-9}), HasSubstr("no number of steps"));
  EXPECT_THAT(range({std::nan("")}, {1}, {1}), HasSubstr("no number of steps"));
  EXPECT_THAT(range({0, 1}, {1}, {1}), HasSubstr("\"start\" [2] is not"));
  EXPECT_THAT(SmallGraph()
                  .Integers("a", {0})
                  .Reals("b", {4})
                  .Integers("c", {1})
                  .Node("Range", {"a", "b", "c"}, {"y"})
                  .Shape("y"),
              HasSubstr("\"b\" [1] is not"));
}

TEST(ConstantOperatorsTest, NonZeroOfKnownValues) {
  const SmallGraph graph = SmallGraph()
                               .Integers("v", {2, 3}, {0, 4, 5, -1, 0, 0})
                               .Integers("scalar", std::vector<Dimension>{}, {3})
                               .Node("NonZero", {"v"}, {"y"})
                               .Node("NonZero", {"scalar"}, {"s"})
                               .Reals("r", {0, 0.5})
                               .Node("NonZero", {"r"}, {"z"});
  EXPECT_EQ(graph.Shapes({"y", "s", "z"}), "[2,3] [0,1] [1,1]");
  EXPECT_EQ(graph.Values("y"), "[0,0,1,1,2,0]");
  EXPECT_EQ(graph.Values("z"), "[1]");
}

TEST(ConstantOperatorsTest, NonZeroOfDataIsUnknown) {
  SmallGraph graph = SmallGraph().Input("x", {"N", 3}).Node("NonZero", {"x"}, {"y"});
  const auto analysis = graph.Analyze({"y"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(Text(analysis->outputs[0]), "unknown");
  EXPECT_EQ(analysis->unknown_layers, std::vector<std::string>{"NonZero_0"});
  // A size is positive, a difference of sizes need not be.
  EXPECT_EQ(SmallGraph().Input("x", {"N", 3}).Node("Shape", {"x"}, {"s"}).Node("NonZero", {"s"}, {"y"}).Shape("y"),
            "[1,2]");
  EXPECT_EQ(SmallGraph()
                .Input("x", {"N"})
                .Integers("one", {1})
                .Integers("far", {int64_t{1} << 40})
                .Node("Slice", {"x", "one", "far"}, {"rest"})
                .Node("Shape", {"rest"}, {"s"})
                .Node("NonZero", {"s"}, {"y"})
                .Shape("y"),
            "unknown");
}

TEST(ConstantOperatorsTest, OneHotAddsAnAxis) {
  const auto one_hot = [](std::vector<Dimension> indices, std::vector<int64_t> depth, Attributes attributes,
                          std::vector<double> values = {0, 1}) {
    return SmallGraph()
        .Input("i", std::move(indices), ElementType::kInt64)
        .Integers("depth", std::move(depth))
        .Reals("values", std::move(values))
        .Node("OneHot", {"i", "depth", "values"}, {"y"}, std::move(attributes));
  };
  EXPECT_EQ(one_hot({"N", 4}, {10}, {}).Shape("y"), "[N,4,10]");
  EXPECT_EQ(one_hot({"N", 4}, {10}, {{"axis", 1}}).Shape("y"), "[N,10,4]");
  EXPECT_EQ(one_hot({"N", 4}, {10}, {{"axis", -3}}).Shape("y"), "[10,N,4]");
  EXPECT_EQ(one_hot({"N"}, {10}, {}).Analyze({"y"})->outputs[0].type, ElementType::kFloat32);
  EXPECT_EQ(one_hot({"N"}, {10}, {}).Analyze({"y"})->parameter_count.ToString(), "0");
  EXPECT_THAT(one_hot({"N"}, {-1}, {}).Shape("y"), HasSubstr("its depth: was -1"));
  EXPECT_THAT(one_hot({"N"}, {1, 2}, {}).Shape("y"), HasSubstr("\"depth\" [2] has to have one element"));
  EXPECT_THAT(one_hot({"N"}, {3}, {{"axis", 2}}).Shape("y"), HasSubstr("its axis was 2, has to be -2..1"));
  EXPECT_THAT(one_hot({"N"}, {3}, {}, {1}).Shape("y"), HasSubstr("was 1, has to be 2"));
  // ONNX lets the depth be a real.
  EXPECT_EQ(SmallGraph()
                .Input("i", {4})
                .Reals("depth", {12})
                .Reals("values", {0, 1})
                .Node("OneHot", {"i", "depth", "values"}, {"y"})
                .Shape("y"),
            "[4,12]");
}

TEST(ConstantOperatorsTest, MatricesAndRandomNumbersLikeOthers) {
  const auto like = [](const std::string& op, std::vector<Dimension> x, Attributes attributes) {
    return SmallGraph().Input("x", std::move(x)).Node(op, {"x"}, {"y"}, std::move(attributes));
  };
  EXPECT_EQ(like("EyeLike", {"N", 4}, {}).Shape("y"), "[N,4]");
  EXPECT_EQ(like("EyeLike", {3, 4}, {{"dtype", 7}}).Analyze({"y"})->outputs[0].type, ElementType::kInt64);
  EXPECT_EQ(like("RandomNormalLike", {"N", 4, 5}, {}).Shape("y"), "[N,4,5]");
  EXPECT_EQ(like("RandomUniformLike", {"N"}, {{"dtype", 11}}).Analyze({"y"})->outputs[0].type, ElementType::kFloat64);
  EXPECT_THAT(like("EyeLike", {4}, {}).Shape("y"), HasSubstr("has to be of rank 2"));
  EXPECT_THAT(like("EyeLike", {4, 4}, {{"dtype", 17}}).Shape("y"), HasSubstr("dtype was 17"));
  EXPECT_THAT(like("RandomNormalLike", {4}, {{"dtype", -1}}).Shape("y"), HasSubstr("dtype was -1"));
}

TEST(ConstantOperatorsTest, RandomNumbersOfAShape) {
  const auto random = [](const std::string& op, Attributes attributes) {
    return SmallGraph().Node(op, {}, {"y"}, std::move(attributes));
  };
  EXPECT_EQ(random("RandomNormal", {{"shape", Ints({2, 3})}}).Shape("y"), "[2,3]");
  EXPECT_EQ(random("RandomUniform", {{"shape", Ints({4})}}).Analyze({"y"})->outputs[0].type, ElementType::kFloat32);
  EXPECT_THAT(random("RandomNormal", {}).Shape("y"), HasSubstr("shape is missing"));
  EXPECT_THAT(random("RandomUniform", {{"shape", Ints({-4})}}).Shape("y"), HasSubstr("cannot be negative: was -4"));
  EXPECT_THAT(random("RandomUniform", {{"shape", 4}}).Shape("y"), HasSubstr("shape has to be a list of integers"));
}

}  // namespace
}  // namespace tensord::analysis::model
