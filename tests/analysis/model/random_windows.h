// Random graphs of windows, parts, margins and sums, and what each of their positions sees of the inputs: sets of
// elements, followed from position to position by the operators' definitions.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_WINDOWS_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_WINDOWS_H_

#include <cstdint>
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
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {

inline constexpr int64_t kLongest = 40;

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

inline int64_t FloorOf(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

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

}  // namespace tensord::analysis::model

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_WINDOWS_H_
