// The checks that convolution and transposed convolution share.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_RESOLVER_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_RESOLVER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute::internal {

// Resolves one operator; every step adds what is wrong to the violations. The geometry is in the operator's own terms:
// its input, its filter's letters, its output. What differs between the operators is theirs to override.
class ConvolutionResolver {
 public:
  ConvolutionResolver(const ConvolutionConventions& given, PaddingUse use, const Shape& input, const Shape& filter,
                      const ConvolutionFields& fields, const SizeRules& rules, Violations& violations)
      : given_(given),
        input_(input),
        filter_(filter),
        fields_(fields),
        rules_(rules),
        violations_(violations),
        use_(use) {}
  virtual ~ConvolutionResolver() = default;
  ConvolutionResolver(const ConvolutionResolver&) = delete;
  ConvolutionResolver& operator=(const ConvolutionResolver&) = delete;

  [[nodiscard]] std::optional<ConvolutionGeometry> Run();

 protected:
  [[nodiscard]] std::string Convention(absl::string_view name) const {
    return absl::StrCat(fields_.conventions, ".", name);
  }
  // Checks that the groups divide a number of channels.
  bool CheckDivides(int64_t groups, int64_t channels, absl::string_view name) const;

  // The layout of a filter of 1..5 axes.
  [[nodiscard]] virtual Layout DefaultFilterLayout(int spatial_rank, bool channels) const = 0;
  [[nodiscard]] virtual bool channels_first() const = 0;
  // Sets the numbers of channels.
  virtual void SetChannels(ConvolutionGeometry& geometry) const = 0;
  // Lists of the operator's own: checked with the number of axes, or without where that is not known.
  virtual void SetOwnLists(const ConvolutionGeometry& /*geometry*/) {}
  virtual void CheckOwnListsWithoutLayout() const {}
  // Padding and output length, given input, window, stride and dilation of every axis.
  virtual void SetOutputs(ConvolutionGeometry& geometry, const std::vector<std::string>& window_fields) = 0;

  const ConvolutionConventions& given_;
  const Shape& input_;
  const Shape& filter_;
  const ConvolutionFields& fields_;
  const SizeRules& rules_;
  Violations& violations_;

 private:
  [[nodiscard]] std::optional<Layout> ResolveFilterLayout() const;
  [[nodiscard]] std::optional<Layout> ResolveInputLayout(const Layout& filter_layout) const;
  [[nodiscard]] std::optional<Layout> DefaultInputLayout(int spatial_rank, bool channels) const;
  void CheckWithoutFilterLayout() const;
  bool SetLists(ConvolutionGeometry& geometry) const;
  void SetAxes(ConvolutionGeometry& geometry);
  [[nodiscard]] Shape OutputShape(const ConvolutionGeometry& geometry) const;

  const PaddingUse use_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_RESOLVER_H_
