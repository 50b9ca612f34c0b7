// Windows along the spatial axes of an input N,C,...
#ifndef TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_WINDOWS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_WINDOWS_H_

#include <string>
#include <vector>

#include "analysis/src/model/explain/explainer.h"
#include "analysis/src/model/window_attributes.h"

namespace tensord::analysis::model {

// One spatial axis in names: `H`, `Kh`, `sh`, `dh`, `ph_begin`, `ph_end`.
struct NamedWindow {
  std::string axis;  // "H"
  Derivation input;
  Derivation window = {};
  Derivation stride = {};
  Derivation dilation = {};
  Derivation pad_begin = {};  // as pad_end 0 where the padding follows from the mode
  Derivation pad_end = {};
  compute::PaddingMode mode = compute::PaddingMode::kExplicit;
};

// Gives the windows' sizes; `input` is Explainer::GiveInput's.
[[nodiscard]] std::vector<NamedWindow> GiveWindows(Explainer& explainer, const std::vector<WindowAxis>& axes);

// The windows' elements: Kh*Kw.
[[nodiscard]] Derivation WindowElements(const std::vector<NamedWindow>& windows);

// floor((H + ph_begin + ph_end - dh*(Kh - 1) - 1)/sh) + 1; ceil(H/sh) for the SAME modes.
// Source: https://onnx.ai/onnx/operators/onnx__MaxPool.html (its output_spatial_shape)
[[nodiscard]] Derivation LengthRoundedDown(const NamedWindow& window);
// The same rounded up, less a last window that would begin behind the input and the padding before it.
[[nodiscard]] Derivation LengthRoundedUp(const NamedWindow& window, bool is_last_outside);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_EXPLAIN_WINDOWS_H_
