// Nodes with windows.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/analysis/model/random/graph_maker.h"

namespace tensord::analysis::random_graphs {

void GraphMaker::AddWindowAttributes(const Sizes& window) {
  const size_t axes = window.size();
  std::map<std::string, AttributeValue>& attributes = node().attributes;
  if (!OneIn(3)) attributes["strides"] = DrawList(axes, Rarely() ? 0 : 1, 3);
  if (OneIn(3)) attributes["dilations"] = DrawList(axes, Rarely() ? 0 : 1, 3);
  if (OneIn(3)) {
    attributes["auto_pad"] = Rarely() ? "FULL" : OneOf({"SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"});
  } else if (!OneIn(4)) {
    attributes["pads"] = DrawList(2 * axes, Rarely() ? -1 : 0, OneIn(8) ? 3 : 1);
  }
  if (Rarely()) attributes[OneOf({"strides", "dilations"})] = Sizes(axes + 1, 1);
  if (Rarely()) attributes["pads"] = Sizes(axes, 0);
}

void GraphMaker::AddWindowNode(const std::string& op) {
  const size_t axes = shape().size() < 3 ? 1 : std::min<size_t>(shape().size() - 2, 3);
  const int64_t channels = shape().size() < 2 ? 1 : shape()[1];
  int64_t groups = OneIn(3) ? Draw(1, channels) : 1;
  if (channels % groups != 0 && !OneIn(8)) groups = channels;
  const bool is_transposed = op == "ConvTranspose";
  const Sizes window = DrawList(axes, 1, axes == 3 ? 2 : 4);
  Sizes filter = {is_transposed ? channels : groups * Draw(1, 3), is_transposed ? Draw(1, 3) : channels / groups};
  if (Rarely()) ++filter[0];
  if (Rarely()) ++filter[1];
  filter.insert(filter.end(), window.begin(), window.end());
  if (Rarely()) filter.push_back(1);
  Push(op, {input_, Weight(filter)});
  const int64_t outputs = is_transposed ? filter[1] * groups : filter[0];
  if (OneIn(2)) node().inputs.push_back(Weight({Rarely() ? outputs + 1 : outputs}));
  std::map<std::string, AttributeValue>& attributes = node().attributes;
  if (groups != 1 || OneIn(4)) attributes["group"] = groups;
  if (OneIn(3)) attributes["kernel_shape"] = window;
  if (Rarely()) attributes["kernel_shape"] = DrawList(axes, 1, 4);
  AddWindowAttributes(window);
  if (!is_transposed) return;
  if (OneIn(4)) AddOutputPadding(axes);
  if (OneIn(6)) AddOutputShape(window);
}

void GraphMaker::AddOutputPadding(size_t axes) {
  Sizes padding(axes, 0);
  for (size_t i = 0; i < axes; ++i) {
    const int64_t limit = std::max(SizesOf(node(), "strides").value_or(Sizes(axes, 1))[i],
                                   SizesOf(node(), "dilations").value_or(Sizes(axes, 1))[i]);
    padding[i] = Draw(0, OneIn(20) ? limit : std::max<int64_t>(limit - 1, 0));
  }
  node().attributes["output_padding"] = padding;
}

void GraphMaker::AddOutputShape(const Sizes& window) {
  const Sizes ones(window.size(), 1);
  const Sizes strides = SizesOf(node(), "strides").value_or(ones);
  const Sizes dilations = SizesOf(node(), "dilations").value_or(ones);
  Sizes told;
  for (size_t i = 0; i < window.size(); ++i) {
    const int64_t input = shape().size() == window.size() + 2 ? shape()[i + 2] : 1;
    const int64_t reached = (input - 1) * strides[i] + (window[i] - 1) * dilations[i] + 1;
    // Up to one more than any output padding reaches.
    told.push_back(Draw(Rarely() ? 0 : std::max<int64_t>(reached - 3, 1),
                        reached + std::max(strides[i], dilations[i]) - (OneIn(12) ? 0 : 1)));
  }
  node().attributes["output_shape"] = told;
}

void GraphMaker::AddPoolNode(const std::string& op) {
  const size_t axes = shape().size() < 3 ? 1 : std::min<size_t>(shape().size() - 2, 3);
  const Sizes window = DrawList(axes, Rarely() ? 0 : 1, 3);
  Push(op, {input_});
  std::map<std::string, AttributeValue>& attributes = node().attributes;
  if (!Rarely()) attributes["kernel_shape"] = window;
  AddWindowAttributes(window);
  if (OneIn(3)) attributes["ceil_mode"] = Draw(0, 1);
  if (op == "AveragePool" && OneIn(2)) attributes["count_include_pad"] = Draw(0, 1);
  if (op == "LpPool" && OneIn(2)) attributes["p"] = Draw(1, 3);
  if (op == "MaxPool" && OneIn(4)) node().outputs.push_back(Fresh("y"));
}

}  // namespace tensord::analysis::random_graphs
