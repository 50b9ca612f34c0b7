#include "client/cli/layer/kinds.h"

#include <algorithm>

#include "client/cli/model_file/layer.h"

namespace tensord::cli::layer {
namespace {

constexpr absl::string_view kDenseFlags[] = {"--units", "--no-bias"};
constexpr absl::string_view kGroupFlags[] = {"--groups"};
constexpr absl::string_view kAxisFlags[] = {"--axis"};
constexpr absl::string_view kSizeFlags[] = {"--size"};

constexpr Kind kKinds[] = {
    {.name = "dense", .lowered = "dense", .flags = kDenseFlags, .required = 1},
    {.name = "global-max", .lowered = "global-max-pool", .channels_first = true, .needs_space = true},
    {.name = "global-average", .lowered = "global-average-pool", .channels_first = true, .needs_space = true},
    {.name = "batch-norm", .lowered = "batch-norm", .channels_first = true, .needs_channels = true},
    {.name = "layer-norm", .lowered = "layer-norm", .flags = kAxisFlags},
    {.name = "instance-norm",
     .lowered = "instance-norm",
     .channels_first = true,
     .needs_channels = true,
     .needs_space = true},
    {.name = "group-norm",
     .lowered = "group-norm",
     .channels_first = true,
     .needs_channels = true,
     .flags = kGroupFlags,
     .required = 1},
    {.name = "lrn",
     .lowered = "lrn",
     .channels_first = true,
     .needs_channels = true,
     .flags = kSizeFlags,
     .required = 1},
};

// Every activation that a file can have is one here, of the same name.
std::vector<Kind> MakeKinds() {
  std::vector<Kind> kinds(std::begin(kKinds), std::end(kKinds));
  for (const model_file::LayerKind& activation : model_file::ActivationLayers()) {
    Kind kind{.name = activation.name, .lowered = activation.name};
    // One slope for each channel.
    kind.channels_first = activation.name == "prelu";
    const bool has_axis =
        std::find(activation.keys.begin(), activation.keys.end(), kAxisFlags[0].substr(2)) != activation.keys.end();
    if (has_axis) kind.flags = kAxisFlags;
    kinds.push_back(kind);
  }
  return kinds;
}

const std::vector<Kind>& Kinds() {
  static const auto& kinds = *new std::vector<Kind>(MakeKinds());
  return kinds;
}

}  // namespace

const Kind* FindKind(absl::string_view name) {
  const auto found = std::find_if(Kinds().begin(), Kinds().end(), [&](const Kind& kind) { return kind.name == name; });
  return found == Kinds().end() ? nullptr : &*found;
}

std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  for (const Kind& kind : Kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace tensord::cli::layer
