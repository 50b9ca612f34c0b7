#include "client/cli/model_file/windows.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::model_file {
namespace {

bool AreOnes(const std::vector<int64_t>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](int64_t number) { return number == 1; });
}

// Every sum of windows, strides and paddings has to fit: kMaxNumber twice does.
absl::StatusOr<int64_t> ExtentLessOne(const Layer& layer, const Window& window, size_t axis, absl::string_view key) {
  const int64_t less_one = window.dilation[axis] * (window.size[axis] - 1);
  if (less_one <= kMaxNumber) return less_one;
  return layer.arguments.PlaceOf(key).Error(
      absl::StrCat("makes a padding of ", less_one, ", has to make at most ", kMaxNumber));
}

absl::StatusOr<std::vector<int64_t>> FullPadding(const Layer& layer, const Window& window) {
  std::vector<int64_t> sides;
  for (size_t i = 0; i < window.size.size(); ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t side, ExtentLessOne(layer, window, i, "padding"));
    sides.push_back(side);
  }
  sides.insert(sides.end(), sides.begin(), sides.end());
  return sides;
}

}  // namespace

absl::StatusOr<Window> WindowOf(const Layer& layer, absl::string_view key, bool stride_is_window) {
  TENSORCTL_ASSIGN_OR_RETURN(const Tensor input, layer.SpatialInput());
  const size_t count = input.spatial();
  const std::vector<int64_t> ones(count, 1);
  Window window;
  TENSORCTL_ASSIGN_OR_RETURN(window.size, layer.arguments.PerAxis(key, count, 1));
  TENSORCTL_ASSIGN_OR_RETURN(window.stride,
                             layer.arguments.PerAxis("stride", count, 1, stride_is_window ? window.size : ones));
  TENSORCTL_ASSIGN_OR_RETURN(window.dilation, layer.arguments.PerAxis("dilation", count, 1, ones));
  return window;
}

absl::StatusOr<std::vector<int64_t>> SidesOf(const Value& value, const Place& place, size_t count) {
  const bool has_pairs =
      value.kind == Value::Kind::kList &&
      std::any_of(value.items.begin(), value.items.end(), [](const Value& v) { return v.kind == Value::Kind::kList; });
  if (!has_pairs) {
    TENSORCTL_ASSIGN_OR_RETURN(std::vector<int64_t> sides, RequirePerAxis(value, place, count, 0));
    sides.insert(sides.end(), sides.begin(), sides.end());
    return sides;
  }
  if (value.items.size() != count) {
    return place.Error(
        absl::StrCat("has ", value.items.size(), " entries, has to have one for each of the ", count, " spatial axes"));
  }
  std::vector<int64_t> sides(2 * count);
  for (size_t i = 0; i < count; ++i) {
    const Value& pair = value.items[i];
    const Place at = place.At(i, pair);
    if (pair.kind == Value::Kind::kList && pair.items.size() != 2) {
      return at.Error("has to be a number, or two: before and after");
    }
    TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> both, RequirePerAxis(pair, at, 2, 0));
    sides[i] = both[0];
    sides[i + count] = both[1];
  }
  return sides;
}

absl::Status SetWindow(const Layer& layer, const Window& window, bool may_be_full, v1::ModelNode& node) {
  SetIntegers(node, "kernel_shape", window.size);
  if (!AreOnes(window.stride)) SetIntegers(node, "strides", window.stride);
  if (!AreOnes(window.dilation)) SetIntegers(node, "dilations", window.dilation);
  const Value* const padding = layer.arguments.Find("padding");
  if (padding == nullptr) return absl::OkStatus();
  const Place place = layer.arguments.PlaceOf("padding");
  if (padding->kind == Value::Kind::kScalar && !NumberOf(*padding).has_value()) {
    std::vector<std::string> words = {"valid", "same-upper", "same-lower"};
    if (may_be_full) words.emplace_back("full");
    if (padding->text == "valid") return absl::OkStatus();
    if (padding->text == "same-upper" || padding->text == "same-lower") {
      SetText(node, "auto_pad", padding->text == "same-upper" ? "SAME_UPPER" : "SAME_LOWER");
      return absl::OkStatus();
    }
    if (padding->text != "full" || !may_be_full) {
      return place.Error(absl::StrCat("was ", Describe(*padding), DidYouMean(padding->text.substr(0, 64), words),
                                      ", has to be valid, same-upper, same-lower, ", may_be_full ? "full, " : "",
                                      "a number of at least 0, or one for each axis or side"));
    }
    TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> sides, FullPadding(layer, window));
    SetIntegers(node, "pads", sides);
    return absl::OkStatus();
  }
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> sides, SidesOf(*padding, place, window.size.size()));
  SetIntegers(node, "pads", sides);
  return absl::OkStatus();
}

absl::Status CutWindowsOff(const Layer& layer, const Window& window, v1::ModelNode& node) {
  if (node.attributes().contains("auto_pad")) return absl::OkStatus();
  const size_t count = window.size.size();
  std::vector<int64_t> pads(2 * count, 0);
  if (const auto given = node.attributes().find("pads"); given != node.attributes().end()) {
    pads.assign(given->second.integers().values().begin(), given->second.integers().values().end());
  }
  for (size_t i = 0; i < count; ++i) {
    if (pads[i + count] != 0) {
      return layer.arguments.PlaceOf("padding").Error(
          absl::StrCat("has ", pads[i + count], " behind along spatial axis ", i,
                       ", has to have 0 there where rounding is start-inside, e.g. [[1, 0], [1, 0]]"));
    }
    TENSORCTL_ASSIGN_OR_RETURN(pads[i + count], ExtentLessOne(layer, window, i, "window"));
  }
  (*node.mutable_attributes())["pads"].Clear();
  SetIntegers(node, "pads", pads);
  return absl::OkStatus();
}

}  // namespace tensord::cli::model_file
