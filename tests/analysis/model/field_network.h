// Networks of convolutions and poolings, and their receptive fields against a published table.
//
// Source: https://github.com/google-research/receptive_field/blob/f12ae8e/receptive_field/RECEPTIVE_FIELD_TABLE.md, the
//         whole table of Araujo, Norris, Sim, https://distill.pub/2019/computing-receptive-fields/: for images of 224
//         and of 321, each network's end-points with "RF", "effective stride" and "effective padding", which is
//         -offset. Each line of the tests was read again there. The networks are those of
//         https://github.com/tensorflow/models/tree/master/research/slim/nets, whose SAME is ONNX's SAME_UPPER; the
//         Inceptions were written down from inception_v2.py, inception_v3.py and inception_v4.py there.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_FIELD_NETWORK_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_FIELD_NETWORK_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {

// A layer of a branch.
struct Step {
  std::string op_type;
  int64_t height = 1;
  int64_t width = 1;
  int64_t stride = 1;
  std::string padding = "SAME_UPPER";
};
using Branch = std::vector<Step>;

inline Step Filter(int64_t height, int64_t width) { return {.op_type = "Conv", .height = height, .width = width}; }
inline Step Filter(int64_t size) { return Filter(size, size); }
// A window of 3 x 3 by 2.
inline Step Halving(const std::string& op_type, const std::string& padding) {
  return {.op_type = op_type, .height = 3, .width = 3, .stride = 2, .padding = padding};
}
// A 3 x 3 pooling that keeps the size, and 1 x 1 filters.
inline Branch PoolAndFilter(const std::string& op_type) {
  return {{.op_type = op_type, .height = 3, .width = 3}, Filter(1)};
}

// A network of convolutions and poolings, built layer by layer on an image.
class Network {
 public:
  explicit Network(int64_t resolution) { graph_.Input("image", {1, 3, resolution, resolution}); }

  Network& Same(int64_t window, int64_t stride = 1, const std::string& name = "") {
    return Conv(window, stride, {{"auto_pad", std::string("SAME_UPPER")}}, name);
  }
  Network& Valid(int64_t window, int64_t stride, const std::string& name = "") {
    return Conv(window, stride, {}, name);
  }
  Network& Padded(int64_t window, int64_t stride, int64_t pad) {
    return Conv(window, stride, {{"pads", Ints({pad, pad, pad, pad})}}, "");
  }
  Network& Pool(int64_t window, int64_t stride, const std::string& name = "", const std::string& mode = "VALID") {
    return Add("MaxPool", {at_},
               {{"kernel_shape", Ints({window, window})}, {"strides", Ints({stride, stride})}, {"auto_pad", mode}},
               name);
  }
  // Branches beside each other from here on, and what they give, concatenated.
  Network& Mixed(const std::string& name, const std::vector<Branch>& branches) {
    const std::string before = at_;
    std::vector<std::string> ends;
    for (const Branch& branch : branches) {
      From(before);
      for (const Step& step : branch) Layer(step);
      ends.push_back(at_);
    }
    return Add("Concat", std::move(ends), {{"axis", int64_t{1}}}, name);
  }
  // To the sum with what there was at `place`.
  Network& Plus(const std::string& place, const std::string& name) { return Add("Add", {at_, place}, {}, name); }
  Network& From(const std::string& place) {
    at_ = place;
    return *this;
  }
  [[nodiscard]] const std::string& at() const { return at_; }

  // "11 by 4 from 0", where both axes have the same.
  [[nodiscard]] std::string FieldOf(const std::string& name) const {
    const absl::StatusOr<ModelAnalysis> model = graph_.Analyze({name});
    if (!model.ok()) return std::string(model.status().message());
    for (const ModelLayer& layer : model->layers) {
      if (layer.outputs[0].name != name || layer.receptive_fields.size() != 1) continue;
      const std::vector<ReceptiveAxis>& axes = layer.receptive_fields[0].axes;
      if (axes.size() != 2 || axes[0].is_whole || axes[1].is_whole) return "not two axes with fields";
      if (axes[0].size != axes[1].size || axes[0].stride != axes[1].stride || axes[0].offset != axes[1].offset) {
        return "axes differ";
      }
      return absl::StrCat(axes[0].size.ToString(), " by ", axes[0].stride.numerator, "/", axes[0].stride.denominator,
                          " from ", axes[0].offset.numerator, "/", axes[0].offset.denominator);
    }
    return absl::StrCat("no ", name);
  }

 private:
  // Every convolution gives so many channels.
  static constexpr int64_t kChannels = 3;

  Network& Layer(const Step& step) {
    Attributes attributes = {{"kernel_shape", Ints({step.height, step.width})},
                             {"strides", Ints({step.stride, step.stride})},
                             {"auto_pad", step.padding}};
    std::vector<std::string> inputs = {at_};
    if (step.op_type == "Conv") inputs.push_back(FilterOf(step.height, step.width));
    return Add(step.op_type, std::move(inputs), std::move(attributes), "");
  }
  Network& Conv(int64_t window, int64_t stride, Attributes attributes, const std::string& name) {
    attributes["strides"] = Ints({stride, stride});
    return Add("Conv", {at_, FilterOf(window, window)}, std::move(attributes), name);
  }
  std::string FilterOf(int64_t height, int64_t width) {
    const std::string filter = absl::StrCat("w", count_);
    graph_.Weights(filter, {kChannels, channels_[at_], height, width});
    return filter;
  }
  Network& Add(const std::string& op_type, std::vector<std::string> inputs, Attributes attributes,
               const std::string& name) {
    int64_t channels = op_type == "Concat" ? 0 : channels_[inputs[0]];
    if (op_type == "Conv") channels = kChannels;
    if (op_type == "Concat") {
      for (const std::string& input : inputs) channels += channels_[input];
    }
    at_ = name.empty() ? absl::StrCat("t", count_) : name;
    channels_[at_] = channels;
    ++count_;
    graph_.Node(op_type, std::move(inputs), {at_}, std::move(attributes));
    return *this;
  }

  SmallGraph graph_;
  std::string at_ = "image";
  std::map<std::string, int64_t> channels_ = {{"image", kChannels}};
  int count_ = 0;
};

// A line of the table.
struct Row {
  const char* end_point;
  int64_t size;
  int64_t stride;
  int64_t padding;
};

inline void Compare(const Network& network, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(network.FieldOf(row.end_point),
              absl::StrCat(row.size, " by ", row.stride, "/1 from ", -row.padding, "/1"))
        << row.end_point;
  }
}

}  // namespace tensord::analysis::model

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_FIELD_NETWORK_H_
