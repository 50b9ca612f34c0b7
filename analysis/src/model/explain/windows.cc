#include "analysis/src/model/explain/windows.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tensord::analysis::model {
namespace {

bool IsSame(const NamedWindow& window) {
  return window.mode == compute::PaddingMode::kSameUpper || window.mode == compute::PaddingMode::kSameLower;
}

// From the first place of a window to the last.
Derivation Room(const NamedWindow& window) {
  return window.input + window.pad_begin + window.pad_end - window.dilation * (window.window - Derivation(1)) -
         Derivation(1);
}

}  // namespace

std::vector<NamedWindow> GiveWindows(Explainer& explainer, const std::vector<WindowAxis>& axes) {
  const std::vector<Derivation> sizes = explainer.GiveInput();
  const std::vector<std::string> names = AxisNames(sizes.size());
  std::vector<NamedWindow> windows;
  for (size_t i = 0; i < axes.size(); ++i) {
    const AxisSizes& axis = axes[i].sizes;
    const std::string& name = names[i + 2];
    NamedWindow window{.axis = name, .input = sizes[i + 2], .mode = axes[i].mode};
    const std::string along = absl::StrCat(" along ", name);
    window.window = explainer.Given(NameAlong("K", name), axis.window, "window" + along);
    window.stride = explainer.Given(NameAlong("s", name), axis.stride, "stride" + along);
    if (IsSame(window)) {
      windows.push_back(std::move(window));
      continue;
    }
    window.dilation = explainer.Given(NameAlong("d", name), axis.dilation, "dilation" + along);
    window.pad_begin = explainer.Given(NameAlong("p", name, "_begin"), axis.pad_begin, "padding before" + along);
    window.pad_end = explainer.Given(NameAlong("p", name, "_end"), axis.pad_end, "padding behind" + along);
    windows.push_back(std::move(window));
  }
  return windows;
}

Derivation WindowElements(const std::vector<NamedWindow>& windows) {
  Derivation elements;
  for (const NamedWindow& window : windows) elements = elements * window.window;
  return elements;
}

Derivation LengthRoundedDown(const NamedWindow& window) {
  if (IsSame(window)) return Ceil(window.input, window.stride);
  return Floor(Room(window), window.stride) + Derivation(1);
}

Derivation LengthRoundedUp(const NamedWindow& window, bool is_last_outside) {
  if (IsSame(window)) return Ceil(window.input, window.stride);
  const Derivation last = Ceil(Room(window), window.stride);
  Derivation length = last + Derivation(1);
  if (!is_last_outside) return length;
  return length - AtLeast(window.stride * last, window.input + window.pad_begin);
}

}  // namespace tensord::analysis::model
