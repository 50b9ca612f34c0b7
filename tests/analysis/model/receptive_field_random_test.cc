// Receptive fields of random graphs against sets of elements, followed from position to position by the operators'
// definitions.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/model/field_text.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {
namespace {

constexpr int kGraphs = 5000;
constexpr int64_t kLongest = 40;

enum class Kind { kInput, kWindow, kTransposed, kPad, kSlice, kNearest, kUnion };

// How a layer's positions along one axis read its input's.
struct AlongAxis {
  int64_t window = 1;
  int64_t stride = 1;  // a slice's step, a transposed convolution's stride, the factor of an enlarged map
  int64_t dilation = 1;
  int64_t begin = 0;  // padding before, or of a slice the start
  int64_t end = 0;    // padding behind, or of a slice the end
};

struct Layer {
  Kind kind;
  std::string op_type;
  std::vector<size_t> inputs;  // layers
  std::vector<AlongAxis> axes;
  std::vector<int64_t> lengths;  // of the output
  bool is_enlarged = false;      // some path to it makes a map larger
};

// An element of a data input, or of the padding around it.
using Element = std::pair<size_t, int64_t>;
using Elements = std::set<Element>;

int64_t FloorOf(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// A random graph, its numbers, and what each of its positions sees.
class RandomGraph {
 public:
  explicit RandomGraph(uint32_t seed) : random_(seed), axes_(static_cast<size_t>(Number(1, 2))) {
    const int64_t inputs = Number(0, 3) == 0 ? 2 : 1;
    const int64_t length = Number(6, 20);
    for (int64_t i = 0; i < inputs; ++i) {
      layers_.push_back({.kind = Kind::kInput,
                         .op_type = "",
                         .inputs = {},
                         .axes = {},
                         .lengths = std::vector<int64_t>(axes_, length)});
      graph_.Input(NameOf(layers_.size() - 1), ShapeOf(layers_.back()));
    }
    const int64_t count = Number(2, 10);
    for (int64_t i = 0; i < count; ++i) AddLayer();
  }

  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }
  [[nodiscard]] size_t axes() const { return axes_; }
  [[nodiscard]] std::string NameOf(size_t layer) const { return absl::StrCat("t", layer); }
  [[nodiscard]] absl::StatusOr<ModelAnalysis> Analyze() const { return graph_.Analyze({NameOf(layers_.size() - 1)}); }

  // What position `o` along the axis sees, by definition; positions outside of a map are padding's.
  const Elements& Seen(size_t layer, size_t axis, int64_t o) {
    const auto [place, is_new] = seen_.try_emplace({layer, axis, o});
    if (!is_new) return place->second;
    Elements all;
    const Layer& it = layers_[layer];
    if (it.kind == Kind::kInput) all.emplace(layer, o);
    for (const size_t input : it.inputs) {
      for (const int64_t i : Read(it, axis, o)) {
        const Elements& more = Seen(input, axis, i);
        all.insert(more.begin(), more.end());
      }
    }
    return seen_[{layer, axis, o}] = std::move(all);
  }

  // The strides of all paths from an input to the layer, as fractions.
  std::set<std::pair<int64_t, int64_t>> Strides(size_t layer, size_t axis, size_t input) const {
    const Layer& it = layers_[layer];
    if (it.kind == Kind::kInput) {
      if (layer != input) return {};
      return {{1, 1}};
    }
    std::set<std::pair<int64_t, int64_t>> all;
    for (const size_t before : it.inputs) {
      for (auto [over, under] : Strides(before, axis, input)) {
        const bool is_fraction = it.kind == Kind::kTransposed || it.kind == Kind::kNearest;
        if (it.kind != Kind::kUnion) (is_fraction ? under : over) *= it.axes[axis].stride;
        const int64_t divisor = std::gcd(over, under);
        all.emplace(over / divisor, under / divisor);
      }
    }
    return all;
  }

 private:
  int64_t Number(int64_t least, int64_t most) { return std::uniform_int_distribution<int64_t>(least, most)(random_); }

  // The positions of the layer's input that position o reads.
  static std::vector<int64_t> Read(const Layer& layer, size_t axis, int64_t o) {
    if (layer.kind == Kind::kUnion) return {o};
    const AlongAxis& along = layer.axes[axis];
    std::vector<int64_t> read;
    switch (layer.kind) {
      case Kind::kWindow:
        for (int64_t k = 0; k < along.window; ++k) read.push_back(o * along.stride - along.begin + k * along.dilation);
        break;
      case Kind::kTransposed:
        // Tap k of input i is added to i*stride + k*dilation - begin.
        for (int64_t k = 0; k < along.window; ++k) {
          const int64_t place = o + along.begin - k * along.dilation;
          if (FloorOf(place, along.stride) * along.stride == place) read.push_back(FloorOf(place, along.stride));
        }
        break;
      case Kind::kPad:
        read = {o - along.begin};
        break;
      case Kind::kSlice:
        read = {along.begin + o * along.stride};
        break;
      default:
        read = {FloorOf(o, along.stride)};
    }
    return read;
  }

  [[nodiscard]] static std::vector<Dimension> ShapeOf(const Layer& layer) {
    std::vector<Dimension> shape = {1, 2};
    shape.insert(shape.end(), layer.lengths.begin(), layer.lengths.end());
    return shape;
  }

  // An axis of that kind; the length 0 where it does not fit.
  AlongAxis Along(Kind kind, int64_t length, bool is_kept, int64_t& output) {
    AlongAxis along;
    if (kind == Kind::kWindow) {
      along.window = Number(1, 4);
      along.stride = is_kept ? 1 : Number(1, 3);
      along.dilation = Number(1, 3);
      const int64_t extent = (along.window - 1) * along.dilation + 1;
      along.begin = Number(0, is_kept ? extent - 1 : 2);
      along.end = is_kept ? extent - 1 - along.begin : Number(0, 2);
      const int64_t room = length + along.begin + along.end - extent;
      output = room < 0 ? 0 : room / along.stride + 1;
    } else if (kind == Kind::kTransposed) {
      along.stride = Number(1, 3);
      along.window = Number(along.stride, 4);
      along.begin = Number(0, 1);
      along.end = Number(0, 1);
      output = along.stride * (length - 1) + along.window - along.begin - along.end;
    } else if (kind == Kind::kPad) {
      along.begin = Number(-1, 3);
      along.end = Number(-1, 3);
      output = length + along.begin + along.end;
    } else if (kind == Kind::kSlice) {
      along.begin = Number(0, 2);
      along.end = length - Number(0, 2);
      along.stride = Number(1, 2);
      output = along.end <= along.begin ? 0 : (along.end - along.begin + along.stride - 1) / along.stride;
    } else {
      along.stride = Number(1, 2);
      output = length * along.stride;
    }
    return along;
  }

  void AddLayer() {
    const auto pick = [&] { return static_cast<size_t>(Number(0, static_cast<int64_t>(layers_.size()) - 1)); };
    const bool is_enlarging = Number(0, 4) == 0;
    Layer layer{.kind = Kind::kUnion, .op_type = "Add", .inputs = {pick()}, .axes = {}, .lengths = {}};
    const Layer& before = layers_[layer.inputs[0]];
    // Two maps of one size are united more often than others are made.
    std::vector<size_t> equal;
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (i != layer.inputs[0] && layers_[i].lengths == before.lengths) equal.push_back(i);
    }
    if (!equal.empty() && Number(0, 1) == 0) {
      layer.inputs.push_back(equal[static_cast<size_t>(Number(0, static_cast<int64_t>(equal.size()) - 1))]);
      layer.lengths = before.lengths;
    } else {
      constexpr Kind kKinds[] = {Kind::kWindow, Kind::kWindow, Kind::kWindow, Kind::kPad, Kind::kSlice};
      layer.kind = kKinds[Number(0, 4)];
      if (is_enlarging) layer.kind = Number(0, 1) == 0 ? Kind::kTransposed : Kind::kNearest;
      const bool is_kept = Number(0, 1) == 0;
      for (const int64_t length : before.lengths) {
        int64_t output = 0;
        layer.axes.push_back(Along(layer.kind, length, is_kept, output));
        if (output < 1 || output > kLongest) return;
        layer.lengths.push_back(output);
      }
    }
    layer.is_enlarged = layer.kind == Kind::kTransposed || layer.kind == Kind::kNearest;
    for (const size_t input : layer.inputs) layer.is_enlarged = layer.is_enlarged || layers_[input].is_enlarged;
    layers_.push_back(std::move(layer));
    Build(layers_.size() - 1);
  }

  // One number for each spatial axis, as attributes have them.
  template <typename Part>
  std::vector<int64_t> List(const Layer& layer, Part part) const {
    std::vector<int64_t> list;
    for (const AlongAxis& along : layer.axes) list.push_back(along.*part);
    return list;
  }

  void Build(size_t id) {
    const Layer& layer = layers_[id];
    std::vector<std::string> inputs;
    for (const size_t input : layer.inputs) inputs.push_back(NameOf(input));
    const std::string mine = NameOf(id);
    std::vector<int64_t> pads = List(layer, &AlongAxis::begin);
    const std::vector<int64_t> ends = List(layer, &AlongAxis::end);
    pads.insert(pads.end(), ends.begin(), ends.end());
    Attributes window = {{"kernel_shape", List(layer, &AlongAxis::window)},
                         {"strides", List(layer, &AlongAxis::stride)},
                         {"pads", pads}};
    switch (layer.kind) {
      case Kind::kUnion:
        if (Number(0, 1) == 0) {
          graph_.Node("Add", inputs, {mine});
        } else {
          // Concatenated, the channels are made two again.
          const std::string filter = mine + "_w";
          std::vector<Dimension> shape = {2, 4};
          shape.resize(2 + axes_, 1);
          graph_.Weights(filter, shape).Node("Concat", inputs, {mine + "_c"}, {{"axis", int64_t{1}}});
          graph_.Node("Conv", {mine + "_c", filter}, {mine});
        }
        break;
      case Kind::kWindow:
        window["dilations"] = List(layer, &AlongAxis::dilation);
        if (Number(0, 1) == 0) {
          graph_.Node("MaxPool", inputs, {mine}, window);
          break;
        }
        [[fallthrough]];
      case Kind::kTransposed: {
        std::vector<Dimension> shape = {2, 2};
        for (const AlongAxis& along : layer.axes) shape.emplace_back(along.window);
        graph_.Weights(mine + "_w", shape);
        inputs.push_back(mine + "_w");
        graph_.Node(layer.kind == Kind::kWindow ? "Conv" : "ConvTranspose", inputs, {mine}, window);
        break;
      }
      case Kind::kPad: {
        std::vector<int64_t> all = {0, 0};
        all.insert(all.end(), pads.begin(), pads.begin() + static_cast<int64_t>(axes_));
        all.insert(all.end(), {0, 0});
        all.insert(all.end(), pads.begin() + static_cast<int64_t>(axes_), pads.end());
        graph_.Integers(mine + "_p", all).Node("Pad", {inputs[0], mine + "_p"}, {mine});
        break;
      }
      case Kind::kSlice: {
        std::vector<int64_t> axes;
        for (size_t i = 0; i < axes_; ++i) axes.push_back(static_cast<int64_t>(i) + 2);
        graph_.Integers(mine + "_b", List(layer, &AlongAxis::begin)).Integers(mine + "_e", ends);
        graph_.Integers(mine + "_a", axes).Integers(mine + "_s", List(layer, &AlongAxis::stride));
        graph_.Node("Slice", {inputs[0], mine + "_b", mine + "_e", mine + "_a", mine + "_s"}, {mine});
        break;
      }
      default: {
        std::vector<double> scales = {1, 1};
        for (const AlongAxis& along : layer.axes) scales.push_back(static_cast<double>(along.stride));
        graph_.Reals(mine + "_s", scales);
        graph_.Node(
            "Resize", {inputs[0], "", mine + "_s"}, {mine},
            {{"coordinate_transformation_mode", std::string("asymmetric")}, {"nearest_mode", std::string("floor")}});
      }
    }
  }

  std::mt19937 random_;
  size_t axes_;
  SmallGraph graph_;
  std::vector<Layer> layers_;
  std::map<std::tuple<size_t, size_t, int64_t>, Elements> seen_;
};

// What was compared, so that the generator is seen to make all that matters.
struct Tally {
  int64_t exact = 0;
  int64_t covered = 0;
  int64_t tight = 0;  // of those covered, the ones whose size is what some position needs
  int64_t whole = 0;
  int64_t united = 0;
  int64_t two_inputs = 0;
};

int64_t CeilOf(int64_t a, int64_t b) { return -FloorOf(-a, b); }

// Compares every position along one axis, and says which of an input's elements it really sees.
void CompareAxis(RandomGraph& graph, size_t id, size_t input, size_t axis, const ReceptiveAxis& field, Tally& tally) {
  const Layer& layer = graph.layers()[id];
  const int64_t positions = layer.lengths[axis];
  const int64_t elements = graph.layers()[input].lengths[axis];
  const auto strides = graph.Strides(id, axis, input);
  ASSERT_EQ(field.is_whole, strides.size() > 1) << "whole exactly where paths differ in their stride";
  if (field.is_whole) {
    EXPECT_EQ(field.size.value(), elements);
    ++tally.whole;
    return;
  }
  EXPECT_EQ((std::pair{field.stride.numerator, field.stride.denominator}), *strides.begin());
  ASSERT_TRUE(field.size.value().has_value());
  const int64_t size = *field.size.value();
  const int64_t under = std::lcm(field.stride.denominator, field.offset.denominator);
  int64_t most = 0;
  int64_t begin_border = 0;
  int64_t end_border = 0;
  for (int64_t o = 0; o < positions; ++o) {
    const int64_t over = field.offset.numerator * (under / field.offset.denominator) +
                         o * field.stride.numerator * (under / field.stride.denominator);
    const int64_t begin = CeilOf(over, under);
    std::vector<int64_t> seen;
    for (const auto& [which, element] : graph.Seen(id, axis, o)) {
      if (which == input) seen.push_back(element);
    }
    if (seen.empty()) continue;
    const auto [first, last] = std::minmax_element(seen.begin(), seen.end());
    most = std::max(most, *last - *first + 1);
    begin_border += *first < 0 ? 1 : 0;
    end_border += *last >= elements ? 1 : 0;
    ASSERT_LE(begin, *first) << "position " << o;
    ASSERT_GE(begin + size - 1, *last) << "position " << o;
    if (layer.is_enlarged) continue;
    ASSERT_EQ(begin, *first) << "position " << o;
    ASSERT_EQ(begin + size - 1, *last) << "position " << o;
  }
  ASSERT_TRUE(field.begin_border.has_value() && field.end_border.has_value());
  if (layer.is_enlarged) {
    ++tally.covered;
    tally.tight += most == size ? 1 : 0;
    EXPECT_GE(*field.begin_border, begin_border);
    EXPECT_GE(*field.end_border, end_border);
  } else {
    ++tally.exact;
    EXPECT_EQ(*field.begin_border, begin_border);
    EXPECT_EQ(*field.end_border, end_border);
  }
}

void CompareLayer(RandomGraph& graph, size_t id, const ModelLayer& layer, Tally& tally) {
  std::set<size_t> inputs;
  for (size_t input = 0; graph.layers()[input].kind == Kind::kInput; ++input) {
    if (!graph.Strides(id, 0, input).empty()) inputs.insert(input);
  }
  ASSERT_EQ(layer.receptive_fields.size(), inputs.size());
  tally.two_inputs += inputs.size() > 1 ? 1 : 0;
  tally.united += graph.layers()[id].kind == Kind::kUnion ? 1 : 0;
  auto input = inputs.begin();
  for (const ReceptiveField& field : layer.receptive_fields) {
    ASSERT_EQ(field.input, *input);
    ASSERT_EQ(field.axes.size(), graph.axes());
    for (size_t axis = 0; axis < field.axes.size(); ++axis) {
      EXPECT_EQ(field.axes[axis].axis, axis + 2);
      EXPECT_EQ(field.axes[axis].output_axis, field.axes[axis].is_whole ? 0 : axis + 2);
      CompareAxis(graph, id, *input, axis, field.axes[axis], tally);
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << field_text::Text(field.axes[axis]);
    }
    ++input;
  }
}

TEST(ReceptiveFieldRandomTest, EveryPositionSeesWhatItsFieldSays) {
  Tally tally;
  for (uint32_t seed = 0; seed < kGraphs; ++seed) {
    RandomGraph graph(seed);
    if (graph.layers().back().kind == Kind::kInput) continue;
    const absl::StatusOr<ModelAnalysis> model = graph.Analyze();
    ASSERT_TRUE(model.ok()) << "graph " << seed << ": " << model.status();
    for (size_t id = 0; id < graph.layers().size(); ++id) {
      for (const ModelLayer& layer : model->layers) {
        if (layer.outputs[0].name != graph.NameOf(id)) continue;
        CompareLayer(graph, id, layer, tally);
        ASSERT_FALSE(HasFailure()) << "graph " << seed << ", layer " << id << " " << layer.op_type;
      }
    }
  }
  EXPECT_GT(tally.exact, 5000);
  EXPECT_GT(tally.covered, 2000);
  EXPECT_GT(tally.whole, 50);
  EXPECT_GT(tally.united, 2000);
  EXPECT_GT(tally.two_inputs, 300);
  EXPECT_GT(tally.tight * 2, tally.covered) << "more than half of what is only covered is not larger than needed";
  std::cout << "exact " << tally.exact << ", covered " << tally.covered << " (tight " << tally.tight << "), whole "
            << tally.whole << ", united " << tally.united << ", of two inputs " << tally.two_inputs << "\n";
}

}  // namespace
}  // namespace tensord::analysis::model
