#include "client/cli/flags/geometry.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "client/cli/flags/parse.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

void Assign(const std::vector<int64_t>& values, google::protobuf::RepeatedField<int64_t>& field) {
  field.Assign(values.begin(), values.end());
}

}  // namespace

void WindowFlags::Declare(CLI::App& app, const char* paddings) {
  layout.Declare(app, "--layout", "LETTERS",
                 "The input's axes in order: N batch, C channels, D H W space. Default: by the rank");
  stride.Declare(app, "--stride", "LIST", "Steps between windows, one per spatial axis or one for all");
  dilation.Declare(app, "--dilation", "LIST", "Steps between a window's cells; 1 is dense");
  padding.Declare(app, "--padding", paddings,
                  paddings == kTransposedPaddings
                      ? "Cells cut off the output; B at the beginning, E at the end per spatial axis"
                      : "Padding around the input; B cells before, E after per spatial axis");
  profile.Declare(app, "--profile", absl::StrJoin(ProfileNames(), "|"),
                  "Take this one's conventions where no flag says");
}

absl::Status WindowFlags::FillProfile(v1::ConventionProfile& value) const {
  if (!profile.given()) return absl::OkStatus();
  TENSORCTL_ASSIGN_OR_RETURN(value, ParseProfile(profile.name(), profile.value()));
  return absl::OkStatus();
}

template <typename Conventions>
absl::Status WindowFlags::Fill(Conventions& conventions) const {
  if (layout.given()) conventions.set_input_layout(layout.value());
  if (dilation.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(dilation.name(), dilation.value()));
    Assign(values, *conventions.mutable_dilations());
  }
  if (padding.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(*conventions.mutable_padding(), ParsePadding(padding.name(), padding.value()));
  }
  return absl::OkStatus();
}

template <typename Conventions>
absl::Status WindowFlags::FillStrides(Conventions& conventions) const {
  if (!stride.given()) return absl::OkStatus();
  TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(stride.name(), stride.value()));
  Assign(values, *conventions.mutable_strides());
  return absl::OkStatus();
}

template <typename Conventions>
absl::Status WindowFlags::FillStrides(Conventions& conventions,
                                      google::protobuf::RepeatedPtrField<v1::Dimension>& symbolic) const {
  if (!stride.given()) return absl::OkStatus();
  TENSORCTL_ASSIGN_OR_RETURN(const auto dimensions, ParseDimensions(stride.name(), stride.value()));
  if (std::none_of(dimensions.begin(), dimensions.end(), [](const v1::Dimension& d) { return d.has_symbol(); })) {
    return FillStrides(conventions);
  }
  symbolic.Assign(dimensions.begin(), dimensions.end());
  return absl::OkStatus();
}

template absl::Status WindowFlags::Fill(v1::ConvolutionConventions&) const;
template absl::Status WindowFlags::Fill(v1::PoolingConventions&) const;
template absl::Status WindowFlags::Fill(v1::TransposedConvolutionConventions&) const;
template absl::Status WindowFlags::FillStrides(v1::ConvolutionConventions&) const;
template absl::Status WindowFlags::FillStrides(v1::PoolingConventions&) const;
template absl::Status WindowFlags::FillStrides(v1::TransposedConvolutionConventions&) const;
template absl::Status WindowFlags::FillStrides(v1::ConvolutionConventions&,
                                               google::protobuf::RepeatedPtrField<v1::Dimension>&) const;
template absl::Status WindowFlags::FillStrides(v1::PoolingConventions&,
                                               google::protobuf::RepeatedPtrField<v1::Dimension>&) const;
template absl::Status WindowFlags::FillStrides(v1::TransposedConvolutionConventions&,
                                               google::protobuf::RepeatedPtrField<v1::Dimension>&) const;

void ConvolutionFlags::Declare(CLI::App& app) {
  DeclareTransposed(app);
  padding_reads_.Declare(app, "--padding-reads", absl::StrJoin(PaddingSourceNames(), "|"),
                         "What padding reads: 0, the input mirrored, its border cell, or its other end");
}

void ConvolutionFlags::DeclareTransposed(CLI::App& app) {
  filter_layout_.Declare(
      app, "--filter-layout", "LETTERS",
      "The filter's axes in order: O outputs, I inputs of a group (transposed: I inputs, O outputs of a group), D H W "
      "space. Default: by the rank");
  groups_.Declare(app, "--groups", "G", "Groups of channels that are convolved apart. Default: 1");
  app.add_flag("--flip-filter", flip_filter_, "Reverse the filter: true convolution instead of cross-correlation");
}

const char* ConvolutionFlags::AnyGiven() const {
  if (filter_layout_.given()) return "--filter-layout";
  if (groups_.given()) return "--groups";
  if (padding_reads_.given()) return "--padding-reads";
  return flip_filter_ ? "--flip-filter" : nullptr;
}

template <typename Conventions>
absl::Status ConvolutionFlags::Fill(Conventions& conventions) const {
  if (filter_layout_.given()) conventions.set_filter_layout(filter_layout_.value());
  if (flip_filter_) conventions.set_kernel(v1::KERNEL_MODE_TRUE_CONVOLUTION);
  if (padding_reads_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto source, ParsePaddingSource(padding_reads_.name(), padding_reads_.value()));
    conventions.mutable_padding()->set_source(source);
  }
  if (groups_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(groups_.name(), groups_.value()));
    if (values.size() != 1) return absl::InvalidArgumentError("--groups: a list\nexpected: one number");
    conventions.set_groups(values[0]);
  }
  return absl::OkStatus();
}

template absl::Status ConvolutionFlags::Fill(v1::ConvolutionConventions&) const;
template absl::Status ConvolutionFlags::Fill(v1::TransposedConvolutionConventions&) const;

void TransposedFlags::Declare(CLI::App& app) {
  output_padding_.Declare(app, "--output-padding", "LIST", "Cells more at the output's end, per spatial axis");
  output_shape_.Declare(app, "--output-shape", "SIZES",
                        "The output's spatial sizes; the padding follows, or the output padding beside --padding");
}

const char* TransposedFlags::AnyGiven() const {
  if (output_padding_.given()) return "--output-padding";
  return output_shape_.given() ? "--output-shape" : nullptr;
}

absl::Status TransposedFlags::Fill(v1::TransposedConvolutionConventions& conventions) const {
  if (output_padding_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(output_padding_.name(), output_padding_.value()));
    Assign(values, *conventions.mutable_output_padding());
  }
  if (output_shape_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(output_shape_.name(), output_shape_.value()));
    Assign(values, *conventions.mutable_output_shape());
  }
  return absl::OkStatus();
}

void PoolingFlags::Declare(CLI::App& app) {
  DeclareForMax(app);
  divisor_.Declare(app, "--divisor", "excluded|included|N", "What an average divides by, where a window holds padding");
  p_.Declare(app, "--p", "P", "The exponent of Lp pooling, above 0. Default: 2");
}

void PoolingFlags::DeclareForMax(CLI::App& app) {
  window_.Declare(app, "--window", "LIST", "Cells per window, one per spatial axis or one for all. Default: 2");
  rounding_.Declare(
      app, "--rounding", absl::StrJoin(LengthRuleNames(), "|"),
      "How many windows there are: what fits, what begins within the padding, or every window that starts "
      "inside, cut off at the end");
  app.add_flag("--global", global_, "One window: the whole input");
  output_size_.Declare(app, "--output-size", "LIST",
                       "Adaptive windows, as equal as can be: how many, one per spatial axis or one for all");
  ties_.Declare(app, "--ties", absl::StrJoin(TieRuleNames(), "|"),
                "Which of equal maxima get the gradient: the first, each all of it, or each a share");
  empty_window_.Declare(app, "--empty-window", absl::StrJoin(EmptyWindowNames(), "|"),
                        "What a maximum of nothing but padding is");
  padding_limit_.Declare(app, "--padding-limit", absl::StrJoin(PaddingLimitNames(), "|"),
                         "The most padding on one side of a window; more is refused. Default: none");
  index_base_.Declare(app, "--index-base", absl::StrJoin(IndexBaseNames(), "|"), "From where indices are counted");
}

const char* PoolingFlags::AnyGiven() const {
  if (global_) return "--global";
  for (const Flag* flag :
       {&window_, &rounding_, &divisor_, &p_, &output_size_, &ties_, &empty_window_, &padding_limit_, &index_base_}) {
    if (flag->given()) return flag->name().c_str();
  }
  return nullptr;
}

absl::Status PoolingFlags::FillMode(bool window_needed, v1::PoolingConventions& conventions) const {
  if (global_) conventions.set_window_mode(v1::WINDOW_MODE_GLOBAL);
  if (output_size_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(output_size_.name(), output_size_.value()));
    Assign(values, *conventions.mutable_output_size());
    if (!global_) conventions.set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
  }
  if (window_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto values, ParseIntegers(window_.name(), window_.value()));
    Assign(values, *conventions.mutable_window());
  } else if (window_needed && !global_ && !output_size_.given()) {
    conventions.add_window(2);
  }
  return absl::OkStatus();
}

absl::Status PoolingFlags::FillRules(v1::PoolingConventions& conventions) const {
  if (rounding_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto rule, ParseLengthRule(rounding_.name(), rounding_.value()));
    conventions.set_length_rule(rule);
  }
  if (ties_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto rule, ParseTieRule(ties_.name(), ties_.value()));
    conventions.set_tie_rule(rule);
  }
  if (empty_window_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto rule, ParseEmptyWindow(empty_window_.name(), empty_window_.value()));
    conventions.set_empty_window(rule);
  }
  if (padding_limit_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto limit, ParsePaddingLimit(padding_limit_.name(), padding_limit_.value()));
    conventions.set_padding_limit(limit);
  }
  if (index_base_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto base, ParseIndexBase(index_base_.name(), index_base_.value()));
    conventions.set_index_base(base);
  }
  if (p_.given()) {
    TENSORCTL_ASSIGN_OR_RETURN(const double p, ParseNumber(p_.name(), p_.value()));
    conventions.set_p(p);
  }
  return absl::OkStatus();
}

absl::Status PoolingFlags::Fill(v1::PoolingKind kind, bool strides_given, v1::PoolingConventions& conventions) const {
  const bool subsample = kind == v1::POOLING_KIND_SUBSAMPLE;
  TENSORCTL_RETURN_IF_ERROR(FillMode(!subsample, conventions));
  if (subsample && !strides_given) conventions.add_strides(2);
  TENSORCTL_RETURN_IF_ERROR(FillRules(conventions));
  if (!divisor_.given()) return absl::OkStatus();
  return ParseDivisor(divisor_.name(), divisor_.value(), conventions);
}

}  // namespace tensord::cli
