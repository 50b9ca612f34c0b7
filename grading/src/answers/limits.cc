// The limits between which a sum's indices run.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

using Ranges = SumLimitsReading;

class Limits final : public Kind {
 public:
  explicit Limits(const v1::LimitsAnswer& answer)
      : indices_(answer.indices().begin(), answer.indices().end()), axes_(answer.axes().begin(), answer.axes().end()) {}

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> values) const override {
    if (values.size() != 1 || !std::holds_alternative<TensorValue>(values.front())) {
      return absl::InvalidArgumentError("of: has to be one tensor");
    }
    const auto rank = static_cast<int64_t>(std::get<TensorValue>(values.front()).shape.size());
    for (size_t i = 0; i < axes_.size(); ++i) {
      if (axes_[i] >= 0 && axes_[i] < rank) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("limits.axes[", i, "]: was ", axes_[i], ", has to be from 0 to ", rank - 1));
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    const auto text = TextOf(answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&text)) return *unreadable;
    auto reading = ReadLimitsOfSums(std::get<std::string>(text));
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    return std::make_unique<ReadAs<Ranges>>(std::move(std::get<SumLimitsReading>(reading)));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& read = Get<Ranges>(answer);
    const auto& tensor = std::get<TensorValue>(values.front());
    Judgement judgement;
    std::vector<std::string> wrong;
    size_t from_one = 0;
    size_t too_far = 0;
    for (size_t i = 0; i < indices_.size(); ++i) {
      const SumRange* const range = Find(read, i);
      const auto axis = static_cast<size_t>(axes_[i]);
      const int64_t size = axis < tensor.shape.size() ? tensor.shape[axis] : 0;
      if (range == nullptr) {
        wrong.push_back(absl::StrCat("the limits of ", indices_[i], " are missing"));
      } else if (range->first != Number(0) || range->last != Number(size - 1)) {
        wrong.push_back(absl::StrCat("the limits of ", indices_[i], " are others"));
        from_one += range->first == Number(1) && range->last == Number(size) ? 1U : 0U;
        too_far += range->first == Number(0) && range->last == Number(size) ? 1U : 0U;
      }
    }
    if (wrong.empty()) {
      judgement.outcome = v1::OUTCOME_RIGHT;
      return judgement;
    }
    v1::Difference& difference = judgement.difference.emplace();
    difference.set_text(absl::StrJoin(wrong, "; "));
    difference.set_differing_count(static_cast<int64_t>(wrong.size()));
    difference.set_element_count(static_cast<int64_t>(indices_.size()));
    difference.set_expected(Text(values));
    if (from_one == wrong.size()) judgement.slips.emplace_back("limits-from-one", "counted from 1 instead of from 0");
    if (too_far == wrong.size()) {
      judgement.slips.emplace_back("limits-one-too-far", "went one too far: the last index is the size less 1");
    }
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> values) const override {
    const auto& tensor = std::get<TensorValue>(values.front());
    std::vector<std::string> parts;
    for (size_t i = 0; i < indices_.size(); ++i) {
      const auto axis = static_cast<size_t>(axes_[i]);
      const int64_t size = axis < tensor.shape.size() ? tensor.shape[axis] : 0;
      parts.push_back(absl::StrCat(indices_[i], " = 0..", size - 1));
    }
    return absl::StrJoin(parts, ", ");
  }

 private:
  // The range of an index: by its name; in order, where no range has one; the one that is every index's. Null: none.
  [[nodiscard]] const SumRange* Find(const Ranges& read, size_t index) const {
    bool any_named = false;
    for (const SumRange& range : read.ranges) {
      if (range.name == indices_[index]) return &range;
      any_named = any_named || !range.name.empty();
    }
    if (any_named) return nullptr;
    if (read.ranges.size() == 1 && read.for_each) return read.ranges.data();
    return read.ranges.size() == indices_.size() ? &read.ranges[index] : nullptr;
  }

  const std::vector<std::string> indices_;
  const std::vector<int64_t> axes_;
};

}  // namespace

MadeKind MakeLimits(const v1::LimitsAnswer& answer) {
  if (answer.indices().empty() || answer.indices_size() != answer.axes_size()) {
    return absl::InvalidArgumentError(absl::StrCat("limits: was ", answer.indices_size(), " indices and ",
                                                   answer.axes_size(), " axes, has to be as many of each, at least 1"));
  }
  return std::make_unique<Limits>(answer);
}

}  // namespace tensord::grading
