// The flags that say what a window does: shared by convolve, pool, their backward forms and analyze layer.
#ifndef TENSORD_CLI_FLAGS_GEOMETRY_H_
#define TENSORD_CLI_FLAGS_GEOMETRY_H_

#include <CLI/CLI.hpp>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/flags/flag.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/transposed_convolution.pb.h"

namespace tensord::cli {

// --layout, --stride, --dilation, --padding and --profile.
class WindowFlags {
 public:
  // The paddings that help texts and completion show.
  static constexpr const char* kPoolingPaddings = "valid|same-upper|same-lower|full|B,B[:E,E]";
  static constexpr const char* kConvolutionPaddings = "valid|same-upper|same-lower|full|causal|B,B[:E,E]";
  static constexpr const char* kTransposedPaddings = "valid|same-upper|same-lower|B,B[:E,E]";

  void Declare(CLI::App& app, const char* paddings = kPoolingPaddings);

  [[nodiscard]] absl::Status FillProfile(v1::ConventionProfile& profile) const;
  // Everything but the strides. Conventions is either operation's.
  template <typename Conventions>
  [[nodiscard]] absl::Status Fill(Conventions& conventions) const;
  template <typename Conventions>
  [[nodiscard]] absl::Status FillStrides(Conventions& conventions) const;
  // As FillStrides, but a list with symbols goes to `symbolic`.
  template <typename Conventions>
  [[nodiscard]] absl::Status FillStrides(Conventions& conventions,
                                         google::protobuf::RepeatedPtrField<v1::Dimension>& symbolic) const;

  Flag layout, stride, dilation, padding, profile;
};

// What a convolution has besides: --filter-layout, --groups, --flip-filter and --padding-reads.
class ConvolutionFlags {
 public:
  void Declare(CLI::App& app);
  // The same for a transposed convolution, whose padding reads nothing.
  void DeclareTransposed(CLI::App& app);
  // The first of the flags above that was given, or null.
  [[nodiscard]] const char* AnyGiven() const;
  // Conventions is either kind of convolution's.
  template <typename Conventions>
  [[nodiscard]] absl::Status Fill(Conventions& conventions) const;

  [[nodiscard]] const Flag& groups() const { return groups_; }

 private:
  Flag filter_layout_, groups_, padding_reads_;
  bool flip_filter_ = false;
};

// What a transposed convolution has besides: --output-padding and --output-shape.
class TransposedFlags {
 public:
  void Declare(CLI::App& app);
  [[nodiscard]] const char* AnyGiven() const;
  [[nodiscard]] absl::Status Fill(v1::TransposedConvolutionConventions& conventions) const;

 private:
  Flag output_padding_, output_shape_;
};

// What a pooling has besides: --window, --rounding, --divisor and the flags of its kinds and window modes.
class PoolingFlags {
 public:
  void Declare(CLI::App& app);
  // What a max pooling alone has, without --divisor and --p: for unpooling.
  void DeclareForMax(CLI::App& app);
  [[nodiscard]] const char* AnyGiven() const;
  // Supplies what the command line leaves to habit: a window of 2 for max, average and Lp, a stride of 2 for
  // sub-sampling.
  [[nodiscard]] absl::Status Fill(v1::PoolingKind kind, bool strides_given, v1::PoolingConventions& conventions) const;

 private:
  [[nodiscard]] absl::Status FillMode(bool window_needed, v1::PoolingConventions& conventions) const;
  [[nodiscard]] absl::Status FillRules(v1::PoolingConventions& conventions) const;

  Flag window_, rounding_, divisor_, p_, output_size_, ties_, empty_window_, padding_limit_, index_base_;
  bool global_ = false;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_GEOMETRY_H_
