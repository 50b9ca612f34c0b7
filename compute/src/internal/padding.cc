#include "compute/src/internal/padding.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tensord::compute {
namespace internal {
namespace {

bool IsUnknown(int64_t size) { return size == kUnknownSize; }

// Compares padding that was given beside a mode with what the mode comes to.
void CheckAgainstMode(const std::vector<int64_t>& given, PaddingMode mode, bool begin, absl::string_view field,
                      const std::vector<AxisWindow>& axes, const SizeRules& rules, Violations& violations) {
  if (given.empty()) return;
  const auto spread = SpreadList(given, static_cast<int>(axes.size()), std::nullopt, 0, field, rules, violations);
  if (!spread.has_value()) return;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t expected = begin ? axes[i].pad_begin : axes[i].pad_end;
    if (IsUnknown(expected) || (*spread)[i] == expected) continue;
    violations.Add(given.size() == 1 ? std::string(field) : Indexed(field, i),
                   absl::StrCat("was ", (*spread)[i], ", has to be ", expected, ", which is what mode ", Name(mode),
                                " comes to here; leave it out, or use mode EXPLICIT"));
  }
}

// As CheckPaddingReads, for one side of one axis.
void CheckReads(PaddingSource source, int64_t padding, int64_t input, const std::string& field,
                Violations& violations) {
  if (IsUnknown(padding) || IsUnknown(input)) return;
  const bool reflect = source == PaddingSource::kReflect;
  const int64_t most = reflect ? input - 1 : input;
  if (padding <= most) return;
  violations.Add(field,
                 absl::StrCat("was ", padding, ", has to be at most ", most, ", ", reflect ? "one less than " : "",
                              "the input's length: ", Name(source), " reads no further"));
}

}  // namespace

PaddingMode ModeOf(const Padding& padding) {
  const bool lists_given = !padding.begin.empty() || !padding.end.empty();
  return padding.mode.value_or(lists_given ? PaddingMode::kExplicit : PaddingMode::kValid);
}

bool SetPadding(const Padding& padding, PaddingMode mode, absl::string_view field, const SizeRules& rules,
                std::vector<AxisWindow>& axes, Violations& violations, absl::FunctionRef<AxisPadding(size_t)> of_mode) {
  const size_t before = violations.total();
  const std::string begin_field = absl::StrCat(field, ".begin");
  const std::string end_field = absl::StrCat(field, ".end");
  const int count = static_cast<int>(axes.size());
  if (mode == PaddingMode::kExplicit) {
    const auto begin = SpreadList(padding.begin, count, std::nullopt, 0, begin_field, rules, violations);
    const auto end =
        padding.end.empty() ? begin : SpreadList(padding.end, count, std::nullopt, 0, end_field, rules, violations);
    if (!begin.has_value() || !end.has_value()) return false;
    for (size_t i = 0; i < axes.size(); ++i) {
      axes[i].pad_begin = (*begin)[i];
      axes[i].pad_end = (*end)[i];
    }
    return true;
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const AxisPadding amount = of_mode(i);
    axes[i].pad_begin = amount.begin;
    axes[i].pad_end = amount.end;
  }
  CheckAgainstMode(padding.begin, mode, true, begin_field, axes, rules, violations);
  CheckAgainstMode(padding.end, mode, false, end_field, axes, rules, violations);
  return violations.total() == before;
}

void CheckPaddingReads(const Padding& padding, absl::string_view field, const std::vector<AxisWindow>& axes,
                       Violations& violations) {
  const PaddingSource source = padding.source.value_or(PaddingSource::kZero);
  if (source != PaddingSource::kReflect && source != PaddingSource::kCircular) return;
  // One entry may be for all axes, and for both sides: it is named once, as it was given.
  std::vector<std::string> named;
  const auto check = [&](bool at_end, size_t i, int64_t amount) {
    const bool own_end = at_end && (!padding.end.empty() || padding.begin.empty());
    const size_t given = own_end ? padding.end.size() : padding.begin.size();
    const std::string entry = Indexed(absl::StrCat(field, own_end ? ".end" : ".begin"), given == 1 ? 0 : i);
    const size_t before = violations.total();
    if (std::find(named.begin(), named.end(), entry) != named.end()) return;
    CheckReads(source, amount, axes[i].input, entry, violations);
    if (violations.total() != before) named.push_back(entry);
  };
  for (size_t i = 0; i < axes.size(); ++i) {
    check(false, i, axes[i].pad_begin);
    check(true, i, axes[i].pad_end);
  }
}

}  // namespace internal

void CheckPaddingChoices(const Padding& padding, PaddingUse use, int spatial_rank, absl::string_view padding_field,
                         Violations& violations) {
  const std::string mode_field = absl::StrCat(padding_field, ".mode");
  const std::string source_field = absl::StrCat(padding_field, ".source");
  const bool causal = padding.mode == PaddingMode::kCausal;
  if (use == PaddingUse::kConvolution) {
    if (causal && spatial_rank != 1) {
      violations.Add(mode_field,
                     absl::StrCat("was CAUSAL, which is for one spatial axis, has to be another with ", spatial_rank));
    }
    return;
  }
  if (use == PaddingUse::kPooling) {
    if (causal) violations.Add(mode_field, "was CAUSAL, which is for convolutions, has to be another for a pooling");
    if (padding.source.has_value()) {
      violations.Add(source_field, absl::StrCat("was ", Name(*padding.source),
                                                ", has to be left out: a pooling's windows read no padding"));
    }
    return;
  }
  if (causal || padding.mode == PaddingMode::kFull) {
    violations.Add(mode_field, absl::StrCat("was ", Name(*padding.mode),
                                            ", has to be VALID, SAME_UPPER, SAME_LOWER or EXPLICIT for a transposed "
                                            "convolution"));
  }
  if (padding.source.value_or(PaddingSource::kZero) != PaddingSource::kZero) {
    violations.Add(source_field, absl::StrCat("was ", Name(*padding.source),
                                              ", has to be ZERO or left out: the padding of a transposed convolution "
                                              "cuts its output and reads nothing"));
  }
}

}  // namespace tensord::compute
