// Mistakes that people make, each as a change of the question.
#ifndef TENSORD_GRADING_SLIPS_SLIP_H_
#define TENSORD_GRADING_SLIPS_SLIP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "grading/src/question/layer_facts.h"
#include "grading/src/question/value.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::grading {

// A named mistake. Each function changes what a student who makes it would have changed, and returns whether there was
// anything to change; null: the mistake does not touch that stage.
struct Slip {
  absl::string_view id;    // `bias-per-input-channel`
  absl::string_view text;  // "counted one bias per input channel instead of one per output channel"
  // Data and requests, before they are computed.
  bool (*question)(v1::Question& question) = nullptr;
  // What a layer's counts follow from.
  bool (*layer)(LayerFacts& facts) = nullptr;
  // Which value is asked for: the path of a part.
  bool (*path)(std::string& path) = nullptr;
  // The value.
  bool (*value)(Computed& value) = nullptr;
};

// The catalogue by family; a new slip is a row in one of these files, and in docs/grading/slips.md.
[[nodiscard]] absl::Span<const Slip> GeometrySlips();  // of windows: kernel, padding, stride, dilation
[[nodiscard]] absl::Span<const Slip> PoolingSlips();
[[nodiscard]] absl::Span<const Slip> DataSlips();  // where tensors begin, which way they lie, activations
[[nodiscard]] absl::Span<const Slip> GradientSlips();
[[nodiscard]] absl::Span<const Slip> LayerSlips();  // of shapes and counts
[[nodiscard]] absl::Span<const Slip> ValueSlips();  // of the answer itself

// All of them, in that order. Ids are unique.
[[nodiscard]] const std::vector<Slip>& Catalogue();
// Null where there is none of that id.
[[nodiscard]] const Slip* FindSlip(absl::string_view id);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_SLIPS_SLIP_H_
