#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/convolution_resolver.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute {
namespace {

bool IsUnknown(int64_t size) { return size == kUnknownSize; }

int64_t SizeAt(const Shape& shape, int axis) { return axis == -1 ? 1 : shape[axis]; }

class ForwardResolver final : public internal::ConvolutionResolver {
 public:
  ForwardResolver(const ConvolutionConventions& given, Profile profile, const Shape& input, const Shape& filter,
                  const ConvolutionFields& fields, const SizeRules& rules, Violations& violations)
      : ConvolutionResolver(given, PaddingUse::kConvolution, input, filter, fields, rules, violations),
        channels_first_(DefaultsOf(profile).channels_first) {}

 protected:
  [[nodiscard]] bool channels_first() const override { return channels_first_; }

  [[nodiscard]] Layout DefaultFilterLayout(int spatial_rank, bool channels) const override {
    return Layout::Make(Layout::Role::kFilter, spatial_rank, false, channels, channels_first_);
  }

  void SetChannels(ConvolutionGeometry& geometry) const override {
    geometry.batch = SizeAt(input_, geometry.input_layout.batch());
    geometry.input_channels = SizeAt(input_, geometry.input_layout.channel());
    geometry.output_channels = SizeAt(filter_, geometry.filter_layout.output_channel());
    const int64_t c = geometry.input_channels;
    const int64_t g = geometry.groups;
    const bool divides_input = CheckDivides(g, c, "input");
    const bool divides_output = CheckDivides(g, geometry.output_channels, "output");
    const int axis = geometry.filter_layout.input_channel();
    if (axis == -1 || !divides_input || !divides_output || IsUnknown(c) || IsUnknown(filter_[axis])) return;
    if (filter_[axis] == c / g) return;
    violations_.Add(Indexed(fields_.filter_shape, static_cast<size_t>(axis)),
                    absl::StrCat("was ", filter_[axis], " input channels per group, has to be ", c / g, " (C/G = ", c,
                                 "/", g, ")"));
  }

  void SetOutputs(ConvolutionGeometry& geometry, const std::vector<std::string>& window_fields) override {
    const auto mode = ResolvePaddingAndLength(given_.padding, LengthRule::kFloor, Convention("padding"), window_fields,
                                              rules_, geometry.axes, violations_, PaddingUse::kConvolution);
    if (mode.has_value()) geometry.padding = *mode;
  }

 private:
  const bool channels_first_;
};

}  // namespace

std::optional<ConvolutionGeometry> ResolveConvolution(const ConvolutionConventions& given, Profile profile,
                                                      const Shape& input, const Shape& filter,
                                                      const ConvolutionFields& fields, const SizeRules& rules,
                                                      Violations& violations) {
  return ForwardResolver(given, profile, input, filter, fields, rules, violations).Run();
}

Shape BiasShape(const ConvolutionGeometry& geometry) { return {geometry.output_channels}; }

void CheckBiasShape(const ConvolutionGeometry& geometry, const Shape& bias, absl::string_view field,
                    Violations& violations) {
  const bool channels = geometry.filter_layout.channel() != -1;
  if (bias == BiasShape(geometry) || (!channels && bias.rank() == 0)) return;
  violations.Add(field, absl::StrCat("was ", bias.ToString(), ", has to be ", BiasShape(geometry).ToString(),
                                     channels ? ", one number per output channel"
                                              : ", or a scalar, because the filter has no channels"));
}

}  // namespace tensord::compute
