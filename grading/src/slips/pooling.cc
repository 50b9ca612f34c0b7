// Slips in pooling.
#include "grading/src/slips/slip.h"
#include "grading/src/slips/steps.h"

namespace tensord::grading {
namespace {

bool ReplaceKind(v1::Question& question, v1::PoolingKind from, v1::PoolingKind to) {
  return ForEachStep(question, [=](v1::Step& step) { return SetPoolingKind(from, to, step); });
}

bool SetLengthRule(v1::Question& question, v1::LengthRule rule) {
  return ForEachConventions<v1::PoolingConventions>(question, [=](v1::PoolingConventions& conventions) {
    if (conventions.length_rule() == rule) return false;
    conventions.set_length_rule(rule);
    return true;
  });
}

bool SetDivisor(v1::Question& question, v1::AverageDivisor divisor) {
  return ForEachStep(question, [=](v1::Step& step) {
    if (PoolingKindOf(step) != v1::POOLING_KIND_AVERAGE) return false;
    auto& conventions = *static_cast<v1::PoolingConventions*>(  // NOLINT(*-static-cast-downcast): of a pooling
        ConventionsOf(step));
    if (conventions.average_divisor() == divisor) return false;
    conventions.set_average_divisor(divisor);
    conventions.clear_fixed_divisor();
    if (divisor == v1::AVERAGE_DIVISOR_FIXED) conventions.set_fixed_divisor(1);
    return true;
  });
}

bool SetTieRule(v1::Question& question, v1::TieRule rule) {
  return ForEachStep(question, [=](v1::Step& step) {
    if (!step.has_pool_backward() || step.pool_backward().kind() != v1::POOLING_KIND_MAX) return false;
    v1::PoolingConventions& conventions = *step.mutable_pool_backward()->mutable_conventions();
    if (conventions.tie_rule() == rule) return false;
    conventions.set_tie_rule(rule);
    return true;
  });
}

bool SetIndexBase(v1::Question& question, v1::IndexBase base) {
  return ForEachStep(question, [=](v1::Step& step) {
    if (!step.has_pool() || !step.pool().return_indices()) return false;
    v1::PoolingConventions& conventions = *step.mutable_pool()->mutable_conventions();
    if (conventions.index_base() == base) return false;
    conventions.set_index_base(base);
    return true;
  });
}

bool StrideAsWindow(v1::Question& question) {
  return ForEachConventions<v1::PoolingConventions>(question, [](v1::PoolingConventions& conventions) {
    if (conventions.strides().empty()) return false;
    conventions.clear_strides();
    return true;
  });
}

// A layout in which the channels and the last spatial axis have changed places: pools along the wrong axis.
bool PoolChannels(v1::Question& question) {
  return ForEachStep(question, [](v1::Step& step) {
    google::protobuf::Message* const message = ConventionsOf(step);
    if (message == nullptr || message->GetDescriptor() != v1::PoolingConventions::descriptor()) return false;
    auto& conventions = static_cast<v1::PoolingConventions&>(*message);  // NOLINT(*-static-cast-downcast): checked
    std::string layout = conventions.input_layout();
    if (layout.empty()) {
      // contract.md's default by rank, channels last.
      constexpr absl::string_view kLayouts[] = {"", "W", "HW", "HWC", "NHWC", "NDHWC"};
      const int rank = step.has_pool()            ? step.pool().input().shape_size()
                       : step.has_analyze_layer() ? step.analyze_layer().pooling().input_shape_size()
                                                  : 0;
      if (rank < 1 || rank > 5) return false;
      layout = std::string(kLayouts[rank]);
    }
    const size_t channels = layout.find('C');
    const size_t space = layout.rfind('W');
    if (channels == std::string::npos || space == std::string::npos) return false;
    std::swap(layout[channels], layout[space]);
    conventions.set_input_layout(layout);
    return true;
  });
}

constexpr Slip kSlips[] = {
    {.id = "average-for-max",
     .text = "took the average of each window instead of its maximum",
     .question = [](v1::Question& q) { return ReplaceKind(q, v1::POOLING_KIND_MAX, v1::POOLING_KIND_AVERAGE); }},
    {.id = "max-for-average",
     .text = "took the maximum of each window instead of its average",
     .question = [](v1::Question& q) { return ReplaceKind(q, v1::POOLING_KIND_AVERAGE, v1::POOLING_KIND_MAX); }},
    {.id = "first-for-max",
     .text = "took the first cell of each window (sub-sampling) instead of its maximum",
     .question = [](v1::Question& q) { return ReplaceKind(q, v1::POOLING_KIND_MAX, v1::POOLING_KIND_SUBSAMPLE); }},
    {.id = "max-for-subsampling",
     .text = "took the maximum of each window instead of its first cell",
     .question = [](v1::Question& q) { return ReplaceKind(q, v1::POOLING_KIND_SUBSAMPLE, v1::POOLING_KIND_MAX); }},
    {.id = "sum-for-average",
     .text = "added up each window, and did not divide",
     .question = [](v1::Question& q) { return SetDivisor(q, v1::AVERAGE_DIVISOR_FIXED); }},
    {.id = "padding-in-divisor",
     .text = "divided by the whole window, padding included",
     .question = [](v1::Question& q) { return SetDivisor(q, v1::AVERAGE_DIVISOR_INCLUDED); }},
    {.id = "padding-not-in-divisor",
     .text = "divided by the cells inside the input only",
     .question = [](v1::Question& q) { return SetDivisor(q, v1::AVERAGE_DIVISOR_EXCLUDED); }},
    {.id = "length-rounded-down",
     .text = "left out the last window, which the input does not fill (floor)",
     .question = [](v1::Question& q) { return SetLengthRule(q, v1::LENGTH_RULE_FLOOR); }},
    {.id = "length-rounded-up",
     .text = "counted a last window that the input does not fill (ceil)",
     .question = [](v1::Question& q) { return SetLengthRule(q, v1::LENGTH_RULE_CEIL); }},
    {.id = "every-window-that-starts-inside",
     .text = "counted every window that starts inside the input, cut off at its end",
     .question = [](v1::Question& q) { return SetLengthRule(q, v1::LENGTH_RULE_START_INSIDE); }},
    {.id = "stride-as-window",
     .text = "moved by a whole window at a time instead of by the stride",
     .question = &StrideAsWindow},
    {.id = "channels-pooled", .text = "reduced the channel axis instead of the sample axis", .question = &PoolChannels},
    {.id = "ties-to-first",
     .text = "gave the gradient of a tie to the first of the largest cells alone",
     .question = [](v1::Question& q) { return SetTieRule(q, v1::TIE_RULE_FIRST); }},
    {.id = "ties-to-all",
     .text = "gave the whole gradient of a tie to each of the largest cells",
     .question = [](v1::Question& q) { return SetTieRule(q, v1::TIE_RULE_ALL); }},
    {.id = "ties-split",
     .text = "split the gradient of a tie evenly between the largest cells",
     .question = [](v1::Question& q) { return SetTieRule(q, v1::TIE_RULE_SPLIT); }},
    {.id = "index-in-plane",
     .text = "counted the index of the maximum within its plane",
     .question = [](v1::Question& q) { return SetIndexBase(q, v1::INDEX_BASE_PLANE); }},
    {.id = "index-over-tensor",
     .text = "counted the index of the maximum over the whole tensor, batch and channels first",
     .question = [](v1::Question& q) { return SetIndexBase(q, v1::INDEX_BASE_TENSOR); }},
    {.id = "index-by-columns",
     .text = "counted the index of the maximum column by column",
     .question = [](v1::Question& q) { return SetIndexBase(q, v1::INDEX_BASE_TENSOR_COLUMN_MAJOR); }},
    {.id = "index-as-laid-out",
     .text = "counted the index of the maximum over the tensor as it is laid out",
     .question = [](v1::Question& q) { return SetIndexBase(q, v1::INDEX_BASE_LAYOUT); }},
};

}  // namespace

absl::Span<const Slip> PoolingSlips() { return kSlips; }

}  // namespace tensord::grading
