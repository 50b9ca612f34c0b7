#include "server/convert/conventions_convert.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/convert/enum_convert.h"

namespace tensord::server {
namespace {

using Sizes = google::protobuf::RepeatedField<int64_t>;

std::vector<int64_t> ToVector(const Sizes& sizes) { return {sizes.begin(), sizes.end()}; }

compute::Padding DecodePadding(const v1::Padding& padding, absl::string_view field, compute::Violations& violations) {
  return {.mode = Decode(padding.mode(), absl::StrCat(field, ".padding.mode"), violations),
          .begin = ToVector(padding.begin()),
          .end = ToVector(padding.end()),
          .source = Decode(padding.source(), absl::StrCat(field, ".padding.source"), violations)};
}

// One member of every axis as a list; nothing where one of them depends on a symbol.
void EncodeSizes(const std::vector<compute::AxisWindow>& axes, int64_t compute::AxisWindow::*member, Sizes& sizes) {
  const bool known = std::none_of(
      axes.begin(), axes.end(), [&](const compute::AxisWindow& axis) { return axis.*member == compute::kUnknownSize; });
  if (!known) return;
  for (const compute::AxisWindow& axis : axes) sizes.Add(axis.*member);
}

void EncodePadding(compute::PaddingMode mode, const std::vector<compute::AxisWindow>& axes, v1::Padding& padding) {
  padding.set_mode(Encode(mode));
  EncodeSizes(axes, &compute::AxisWindow::pad_begin, *padding.mutable_begin());
  EncodeSizes(axes, &compute::AxisWindow::pad_end, *padding.mutable_end());
}

// Where the windows are; what the mode does not take is left out.
void EncodeWindows(const compute::PoolingGeometry& geometry, v1::PoolingConventions& conventions) {
  if (geometry.kind != compute::PoolingKind::kSubsample) conventions.set_window_mode(Encode(geometry.window_mode));
  if (geometry.window_mode == compute::WindowMode::kAdaptive) {
    EncodeSizes(geometry.axes, &compute::AxisWindow::output, *conventions.mutable_output_size());
    return;
  }
  EncodeSizes(geometry.axes, &compute::AxisWindow::window, *conventions.mutable_window());
  if (geometry.window_mode == compute::WindowMode::kGlobal) return;
  EncodeSizes(geometry.axes, &compute::AxisWindow::stride, *conventions.mutable_strides());
  EncodeSizes(geometry.axes, &compute::AxisWindow::dilation, *conventions.mutable_dilations());
  EncodePadding(geometry.padding, geometry.axes, *conventions.mutable_padding());
  conventions.set_length_rule(Encode(geometry.length_rule));
  conventions.set_padding_limit(Encode(geometry.padding_limit));
}

// What both kinds of convolution have.
template <typename Conventions>
compute::ConvolutionConventions DecodeCommon(const Conventions& conventions, absl::string_view field,
                                             compute::Violations& violations) {
  compute::ConvolutionConventions decoded;
  if (conventions.has_input_layout()) decoded.input_layout = conventions.input_layout();
  if (conventions.has_filter_layout()) decoded.filter_layout = conventions.filter_layout();
  decoded.kernel = Decode(conventions.kernel(), absl::StrCat(field, ".kernel"), violations);
  decoded.padding = DecodePadding(conventions.padding(), field, violations);
  decoded.strides = ToVector(conventions.strides());
  decoded.dilations = ToVector(conventions.dilations());
  if (conventions.has_groups()) decoded.groups = conventions.groups();
  return decoded;
}

template <typename Conventions>
void EncodeCommon(const compute::ConvolutionGeometry& geometry, const compute::Layout& filter_layout,
                  Conventions& conventions) {
  conventions.set_input_layout(geometry.input_layout.letters());
  conventions.set_filter_layout(filter_layout.letters());
  conventions.set_kernel(Encode(geometry.kernel));
  EncodePadding(geometry.padding, geometry.axes, *conventions.mutable_padding());
  conventions.mutable_padding()->set_source(Encode(geometry.padding_source));
  EncodeSizes(geometry.axes, &compute::AxisWindow::stride, *conventions.mutable_strides());
  EncodeSizes(geometry.axes, &compute::AxisWindow::dilation, *conventions.mutable_dilations());
  conventions.set_groups(geometry.groups);
}

}  // namespace

compute::ConvolutionConventions DecodeConventions(const v1::ConvolutionConventions& conventions,
                                                  absl::string_view field, compute::Violations& violations) {
  return DecodeCommon(conventions, field, violations);
}

compute::TransposedConvolutionConventions DecodeConventions(const v1::TransposedConvolutionConventions& conventions,
                                                            absl::string_view field, compute::Violations& violations) {
  return {.convolution = DecodeCommon(conventions, field, violations),
          .output_padding = ToVector(conventions.output_padding()),
          .output_shape = ToVector(conventions.output_shape())};
}

compute::PoolingConventions DecodeConventions(const v1::PoolingConventions& conventions, absl::string_view field,
                                              compute::Violations& violations) {
  compute::PoolingConventions decoded;
  if (conventions.has_input_layout()) decoded.input_layout = conventions.input_layout();
  decoded.window = ToVector(conventions.window());
  decoded.strides = ToVector(conventions.strides());
  decoded.dilations = ToVector(conventions.dilations());
  decoded.padding = DecodePadding(conventions.padding(), field, violations);
  decoded.length_rule = Decode(conventions.length_rule(), absl::StrCat(field, ".length_rule"), violations);
  decoded.average_divisor = Decode(conventions.average_divisor(), absl::StrCat(field, ".average_divisor"), violations);
  if (conventions.has_fixed_divisor()) decoded.fixed_divisor = conventions.fixed_divisor();
  decoded.tie_rule = Decode(conventions.tie_rule(), absl::StrCat(field, ".tie_rule"), violations);
  decoded.nan_rule = Decode(conventions.nan_rule(), absl::StrCat(field, ".nan_rule"), violations);
  decoded.index_base = Decode(conventions.index_base(), absl::StrCat(field, ".index_base"), violations);
  decoded.window_mode = Decode(conventions.window_mode(), absl::StrCat(field, ".window_mode"), violations);
  decoded.output_size = ToVector(conventions.output_size());
  if (conventions.has_p()) decoded.p = conventions.p();
  decoded.empty_window = Decode(conventions.empty_window(), absl::StrCat(field, ".empty_window"), violations);
  decoded.padding_limit = Decode(conventions.padding_limit(), absl::StrCat(field, ".padding_limit"), violations);
  return decoded;
}

v1::ConvolutionConventions EncodeConventions(const compute::ConvolutionGeometry& geometry) {
  v1::ConvolutionConventions conventions;
  EncodeCommon(geometry, geometry.filter_layout, conventions);
  return conventions;
}

v1::TransposedConvolutionConventions EncodeConventions(const compute::TransposedConvolutionGeometry& geometry) {
  v1::TransposedConvolutionConventions conventions;
  EncodeCommon(geometry.convolution, geometry.filter_layout, conventions);
  const std::vector<int64_t>& padding = geometry.output_padding;
  if (std::find(padding.begin(), padding.end(), compute::kUnknownSize) == padding.end()) {
    conventions.mutable_output_padding()->Add(padding.begin(), padding.end());
  }
  EncodeSizes(geometry.axes(), &compute::AxisWindow::input, *conventions.mutable_output_shape());
  return conventions;
}

v1::PoolingConventions EncodeConventions(const compute::PoolingGeometry& geometry) {
  v1::PoolingConventions conventions;
  conventions.set_input_layout(geometry.layout.letters());
  EncodeWindows(geometry, conventions);
  if (geometry.average_divisor.has_value()) {
    conventions.set_average_divisor(Encode(*geometry.average_divisor));
    if (*geometry.average_divisor == compute::AverageDivisor::kFixed) {
      conventions.set_fixed_divisor(geometry.fixed_divisor);
    }
  }
  if (geometry.kind == compute::PoolingKind::kMax) {
    conventions.set_tie_rule(Encode(geometry.tie_rule));
    conventions.set_nan_rule(Encode(geometry.nan_rule));
    conventions.set_index_base(Encode(geometry.index_base));
    conventions.set_empty_window(Encode(geometry.empty_window));
  }
  if (geometry.kind == compute::PoolingKind::kLp) conventions.set_p(geometry.p);
  return conventions;
}

}  // namespace tensord::server
