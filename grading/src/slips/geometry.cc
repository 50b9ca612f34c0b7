// Slips in how a window lies on its input.
#include <algorithm>

#include "grading/src/slips/slip.h"
#include "grading/src/slips/steps.h"

namespace tensord::grading {
namespace {

using Sizes = google::protobuf::RepeatedField<google::protobuf::int64>;

bool IsValid(const v1::Padding& padding) {
  const auto is_zero = [](const Sizes& sizes) {
    return std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size == 0; });
  };
  if (padding.mode() == v1::PADDING_MODE_UNSPECIFIED || padding.mode() == v1::PADDING_MODE_EXPLICIT) {
    return is_zero(padding.begin()) && is_zero(padding.end());
  }
  return padding.mode() == v1::PADDING_MODE_VALID;
}

bool SetMode(v1::PaddingMode mode, v1::Padding& padding) {
  padding.clear_begin();
  padding.clear_end();
  padding.set_mode(mode);
  return true;
}

bool ReplaceMode(v1::Question& question, v1::PaddingMode from, v1::PaddingMode to) {
  return ForEachWindow(question, [=](auto& conventions) {
    return conventions.padding().mode() == from && SetMode(to, *conventions.mutable_padding());
  });
}

// Puts padding where there is none.
bool Pad(v1::Question& question, v1::PaddingMode mode) {
  return ForEachWindow(question, [=](auto& conventions) {
    return IsValid(conventions.padding()) && SetMode(mode, *conventions.mutable_padding());
  });
}

bool IgnorePadding(v1::Question& question) {
  return ForEachWindow(question, [](auto& conventions) {
    return !IsValid(conventions.padding()) && SetMode(v1::PADDING_MODE_VALID, *conventions.mutable_padding());
  });
}

// Explicit padding on one side of each axis.
bool PadOneSide(v1::Question& question, bool begin) {
  return ForEachWindow(question, [=](auto& conventions) {
    v1::Padding& padding = *conventions.mutable_padding();
    if (IsValid(padding) || padding.begin().empty()) return false;
    // What ends without being given is as it begins.
    if (padding.end().empty()) *padding.mutable_end() = padding.begin();
    Sizes& dropped = begin ? *padding.mutable_end() : *padding.mutable_begin();
    const bool has_any = std::any_of(dropped.begin(), dropped.end(), [](int64_t size) { return size != 0; });
    std::fill(dropped.begin(), dropped.end(), 0);
    return has_any;
  });
}

bool ReadPaddingFrom(v1::Question& question, v1::PaddingSource source) {
  return ForEachConventions<v1::ConvolutionConventions>(question, [=](v1::ConvolutionConventions& conventions) {
    if (IsValid(conventions.padding())) return false;
    const v1::PaddingSource before = conventions.padding().source();
    conventions.mutable_padding()->set_source(source);
    return before != source && !(before == v1::PADDING_SOURCE_UNSPECIFIED && source == v1::PADDING_SOURCE_ZERO);
  });
}

bool ReverseKernel(v1::Question& question) {
  const auto toggle = [](auto& conventions) {
    const bool is_true = conventions.kernel() == v1::KERNEL_MODE_TRUE_CONVOLUTION;
    conventions.set_kernel(is_true ? v1::KERNEL_MODE_CROSS_CORRELATION : v1::KERNEL_MODE_TRUE_CONVOLUTION);
    return true;
  };
  const bool a = ForEachConventions<v1::ConvolutionConventions>(question, toggle);
  const bool b = ForEachConventions<v1::TransposedConvolutionConventions>(question, toggle);
  return a || b;
}

bool Ones(Sizes& sizes) {
  const bool changed = std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size != 1; });
  std::fill(sizes.begin(), sizes.end(), 1);
  return changed;
}

bool Reverse(Sizes& sizes) {
  const std::vector<int64_t> before(sizes.begin(), sizes.end());
  std::reverse(sizes.begin(), sizes.end());
  return !std::equal(before.begin(), before.end(), sizes.begin());
}

bool IgnoreStride(v1::Question& question) {
  const bool windows = ForEachWindow(question, [](auto& conventions) { return Ones(*conventions.mutable_strides()); });
  const bool defaults = ForEachConventions<v1::PoolingConventions>(question, [](v1::PoolingConventions& conventions) {
    // A pooling's stride is its window where none is given.
    if (!conventions.strides().empty() || conventions.window().empty()) return false;
    conventions.add_strides(1);
    return true;
  });
  return windows || defaults;
}

bool TransposeKernel(v1::Question& question) {
  std::vector<const v1::Tensor*> done;
  return ForEachStep(question, [&](v1::Step& step) {
    v1::Tensor* const filter = GivenTensor(question, step, "filter");
    if (filter == nullptr || std::find(done.begin(), done.end(), filter) != done.end()) return false;
    done.push_back(filter);
    const std::vector<size_t> axes = SpatialAxes(step, "filter", *filter);
    return axes.size() >= 2 && ExchangeAxes(axes[axes.size() - 2], axes.back(), *filter);
  });
}

constexpr Slip kSlips[] = {
    {.id = "kernel-reversed",
     .text =
         "reversed the kernel (or did not, where the question does): true convolution and cross-correlation exchanged",
     .question = &ReverseKernel},
    {.id = "kernel-transposed", .text = "exchanged the rows and columns of the kernel", .question = &TransposeKernel},
    {.id = "padding-ignored", .text = "left out the padding", .question = &IgnorePadding},
    {.id = "same-for-valid",
     .text = "padded so that the length stays the same, where only positions inside the input count",
     .question = [](v1::Question& question) { return Pad(question, v1::PADDING_MODE_SAME_UPPER); }},
    {.id = "full-for-valid",
     .text = "let the window reach over the borders (full padding), where only positions inside the input count",
     .question = [](v1::Question& question) { return Pad(question, v1::PADDING_MODE_FULL); }},
    {.id = "odd-padding-before",
     .text = "put the odd cell of SAME padding before the input instead of after it",
     .question =
         [](v1::Question& question) {
           return ReplaceMode(question, v1::PADDING_MODE_SAME_UPPER, v1::PADDING_MODE_SAME_LOWER);
         }},
    {.id = "odd-padding-after",
     .text = "put the odd cell of SAME padding after the input instead of before it",
     .question =
         [](v1::Question& question) {
           return ReplaceMode(question, v1::PADDING_MODE_SAME_LOWER, v1::PADDING_MODE_SAME_UPPER);
         }},
    {.id = "padding-before-only",
     .text = "padded only before the input, not after it",
     .question = [](v1::Question& question) { return PadOneSide(question, true); }},
    {.id = "padding-after-only",
     .text = "padded only after the input, not before it",
     .question = [](v1::Question& question) { return PadOneSide(question, false); }},
    {.id = "padding-repeats-border",
     .text = "padded with the border's values instead of as the question says",
     .question = [](v1::Question& question) { return ReadPaddingFrom(question, v1::PADDING_SOURCE_REPLICATE); }},
    {.id = "padding-zero",
     .text = "padded with zeros instead of as the question says",
     .question = [](v1::Question& question) { return ReadPaddingFrom(question, v1::PADDING_SOURCE_ZERO); }},
    {.id = "stride-ignored",
     .text = "moved the window by one cell at a time, and ignored the stride",
     .question = &IgnoreStride},
    {.id = "strides-exchanged",
     .text = "exchanged the strides of the axes",
     .question =
         [](v1::Question& question) {
           return ForEachWindow(question, [](auto& conventions) { return Reverse(*conventions.mutable_strides()); });
         }},
    {.id = "dilation-ignored",
     .text = "ignored the dilation: the window's taps are not adjacent cells",
     .question =
         [](v1::Question& question) {
           return ForEachWindow(question, [](auto& conventions) { return Ones(*conventions.mutable_dilations()); });
         }},
    {.id = "dilation-as-gap",
     .text = "left as many cells between the taps as the dilation says, instead of one fewer",
     .question =
         [](v1::Question& question) {
           return ForEachWindow(question, [](auto& conventions) {
             Sizes& dilations = *conventions.mutable_dilations();
             const bool dilated = std::any_of(dilations.begin(), dilations.end(), [](int64_t d) { return d > 1; });
             for (auto& dilation : dilations) dilation += dilated && dilation < (1 << 20) ? 1 : 0;
             return dilated;
           });
         }},
};

}  // namespace

absl::Span<const Slip> GeometrySlips() { return kSlips; }

}  // namespace tensord::grading
