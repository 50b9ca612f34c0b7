// The letters of a layer's axes.
#ifndef TENSORD_CLI_LAYER_LAYOUT_H_
#define TENSORD_CLI_LAYER_LAYOUT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/layer/kinds.h"
#include "tensord/v1/conventions.pb.h"

namespace tensord::cli::layer {

// One letter of N, C, D, H and W for each of the input's `rank` axes: `layout` where it is given, else by the rank W,
// HW, HWC, NHWC, NDHWC, or with a profile that has channels first W, HW, CHW, NCHW, NCDHW. Of a dense layer, under
// every profile, C, NC, HWC, NHWC, NDHWC: its features are its last axis.
//
// Errors: kInvalidArgument, of --layout or --input-shape: a rank beyond 5, other letters, or none where the kind needs
// channels or space, with letters that would fit.
[[nodiscard]] absl::StatusOr<std::string> LettersOf(const Kind& kind, size_t rank,
                                                    const std::optional<std::string>& layout,
                                                    v1::ConventionProfile profile);

// The letters in the order in which they are sent: as they are, or N, C and then space, with N and C in any case.
[[nodiscard]] std::string SentLetters(const Kind& kind, absl::string_view letters);

// The axis that a letter, or an index from -rank on, stands for. `place` (`--axis`) is for the error.
[[nodiscard]] absl::StatusOr<size_t> ParseAxis(absl::string_view place, absl::string_view text,
                                               absl::string_view letters);

}  // namespace tensord::cli::layer

#endif  // TENSORD_CLI_LAYER_LAYOUT_H_
