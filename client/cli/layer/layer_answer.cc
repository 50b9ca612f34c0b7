#include "client/cli/layer/layer_answer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/commands/layer_report.h"
#include "client/cli/elements.h"
#include "client/cli/layer/formulas.h"
#include "client/cli/model/counts.h"
#include "client/cli/proto_json.h"
#include "client/cli/status_macros.h"
#include "tensord/analysis/count.h"

namespace tensord::cli::layer {
namespace {

using analysis::Expression;

Expression ProductOf(const std::vector<Size>& sizes) {
  Expression product = 1;
  for (const Size& size : sizes) {
    product =
        product * (size.value.has_value() ? Expression(size.value.value()) : Expression::Symbol(size.value.symbol()));
  }
  return product;
}

// 0 where a layer has no such parameter.
Expression ElementsOf(const std::vector<Size>& parameter) { return parameter.empty() ? 0 : ProductOf(parameter); }

absl::Status SetCount(const Expression& expression, v1::Count& count) {
  if (!expression.ok()) return expression.status();
  const analysis::Count exact(expression);
  if (exact.value().has_value()) count.set_value(*exact.value());
  count.set_decimal(exact.decimal());
  count.set_expression(exact.expression());
  return absl::OkStatus();
}

// Collects an AnalyzeLayerResponse.
class Answer {
 public:
  Answer(const LayerModel& model, const v1::AnalyzeModelResponse& response)
      : model_(model), response_(response), formulas_(model, response.explanation()) {}

  absl::Status Fill() {
    TENSORCTL_RETURN_IF_ERROR(FillShape());
    TENSORCTL_RETURN_IF_ERROR(FillParameters());
    FillOperations();
    TENSORCTL_RETURN_IF_ERROR(FillChannels());
    const int64_t bytes = ItemSize(model_.type);
    v1::ByteCounts& counts = *layer_.mutable_byte_count();
    TENSORCTL_RETURN_IF_ERROR(
        FillBytes("input", ProductOf(model_.input) * bytes, model_.input, *counts.mutable_input()));
    TENSORCTL_RETURN_IF_ERROR(
        FillBytes("filter", ElementsOf(model_.weight) * bytes, model_.weight, *counts.mutable_filter()));
    TENSORCTL_RETURN_IF_ERROR(FillBytes("bias", ElementsOf(model_.bias) * bytes, model_.bias, *counts.mutable_bias()));
    TENSORCTL_RETURN_IF_ERROR(
        FillBytes("output", ProductOf(model_.output) * bytes, model_.output, *counts.mutable_output()));
    layer_.mutable_conditions()->CopyFrom(response_.conditions());
    layer_.set_profile(model_.profile);
    return absl::OkStatus();
  }

  [[nodiscard]] const v1::AnalyzeLayerResponse& layer() const { return layer_; }

 private:
  absl::Status FillShape() {
    const size_t rank = model_.sent_letters.size();
    if (response_.outputs_size() != 1 || static_cast<size_t>(response_.outputs(0).shape_size()) != rank) {
      return absl::InternalError(absl::StrCat("the answer has no output of ", rank, " axes"));
    }
    const std::string names = AxisNames(rank);
    for (const char letter : model_.letters) {
      const size_t axis = model_.sent_letters.find(letter);
      const v1::Count& size = response_.outputs(0).shape(static_cast<int>(axis));
      const std::string quantity = absl::StrCat("output_shape[", layer_.output_shape_size(), "]");
      *layer_.add_output_shape() = size;
      AddFormula(absl::StrCat(names.substr(axis, 1), "_out"), quantity, size);
    }
    return absl::OkStatus();
  }

  absl::Status FillParameters() {
    *layer_.mutable_parameter_count() = response_.parameter_count();
    TENSORCTL_RETURN_IF_ERROR(SetCount(ElementsOf(model_.weight), *layer_.mutable_weight_count()));
    TENSORCTL_RETURN_IF_ERROR(SetCount(ElementsOf(model_.bias), *layer_.mutable_bias_count()));
    if (model_.weight.empty()) return absl::OkStatus();
    const bool has_bias = !model_.bias.empty();
    AddFormula("parameter_count",
               absl::StrCat(ProductText(model_.weight), has_bias ? " + " + ProductText(model_.bias) : ""),
               absl::StrCat(ProductValues(model_.weight), has_bias ? " + " + ProductValues(model_.bias) : ""));
    AddFormula("weight_count", ProductText(model_.weight), ProductValues(model_.weight));
    if (has_bias) AddFormula("bias_count", ProductText(model_.bias), ProductValues(model_.bias));
    return absl::OkStatus();
  }

  void FillOperations() {
    const v1::OperationCounts& counts = response_.operations();
    const auto fill = [this](const char* name, const v1::Count& count, v1::Count& to) {
      to = count;
      AddFormula(name, name, count);
    };
    fill("multiplication_count", CountOrZero(counts.has_multiplication_count(), counts.multiplication_count()),
         *layer_.mutable_multiplication_count());
    fill("addition_count", CountOrZero(counts.has_addition_count(), counts.addition_count()),
         *layer_.mutable_addition_count());
    fill("mac_count", CountOrZero(counts.has_mac_count(), counts.mac_count()), *layer_.mutable_mac_count());
    fill("flop_count", CountOrZero(counts.has_flop_count(), counts.flop_count()), *layer_.mutable_flop_count());
    fill("comparison_count", CountOrZero(counts.has_comparison_count(), counts.comparison_count()),
         *layer_.mutable_comparison_count());
    fill("division_count", CountOrZero(counts.has_division_count(), counts.division_count()),
         *layer_.mutable_division_count());
    AddFormula("special_function_count", "special_function_count",
               CountOrZero(counts.has_special_function_count(), counts.special_function_count()));
    AddFormula("buffer_count", "buffer_count", response_.buffer_count());
  }

  absl::Status FillChannels() {
    const std::vector<Size> none;
    const std::vector<Size> input = model_.channels.has_value() ? std::vector<Size>{*model_.channels} : none;
    const std::vector<Size> output = model_.kind->name == "dense" ? std::vector<Size>{model_.output.back()} : input;
    TENSORCTL_RETURN_IF_ERROR(SetCount(ProductOf(input), *layer_.mutable_input_channel_count()));
    TENSORCTL_RETURN_IF_ERROR(SetCount(ProductOf(output), *layer_.mutable_output_channel_count()));
    AddFormula("input_channel_count", ProductText(input), ProductValues(input));
    AddFormula("output_channel_count", ProductText(output), ProductValues(output));
    return absl::OkStatus();
  }

  absl::Status FillBytes(absl::string_view name, const Expression& bytes, const std::vector<Size>& sizes,
                         v1::Count& count) {
    TENSORCTL_RETURN_IF_ERROR(SetCount(bytes, count));
    if (count.has_value() && count.value() == 0) return absl::OkStatus();
    const std::string quantity = absl::StrCat("byte_count.", name);
    AddFormula(quantity, absl::StrCat(ProductText(sizes), "*item_size"),
               absl::StrCat(ProductValues(sizes), "*", ItemSize(model_.type)));
    return absl::OkStatus();
  }

  void AddFormula(absl::string_view step, absl::string_view quantity, const v1::Count& value) {
    if (auto formula = formulas_.Of(step, quantity, value)) *layer_.add_formulas() = *std::move(formula);
  }

  void AddFormula(absl::string_view quantity, std::string general, std::string substituted) {
    v1::Formula& formula = *layer_.add_formulas();
    formula.set_quantity(std::string(quantity));
    formula.set_general(std::move(general));
    formula.set_substituted(std::move(substituted));
  }

  const LayerModel& model_;
  const v1::AnalyzeModelResponse& response_;
  Formulas formulas_;
  v1::AnalyzeLayerResponse layer_;
};

}  // namespace

absl::StatusOr<Report> AnswerReport(const LayerModel& model, const v1::AnalyzeModelResponse& response) {
  Answer answer(model, response);
  TENSORCTL_RETURN_IF_ERROR(answer.Fill());
  const v1::OperationCounts& counts = response.operations();
  std::vector<MoreCount> more = {
      {"special_function_count", CountOrZero(counts.has_special_function_count(), counts.special_function_count())}};
  const bool has_buffers = response.buffer_count().decimal() != "0";
  if (has_buffers) more.push_back({"buffer_count", response.buffer_count()});
  Report report = LayerReport(answer.layer(), more);
  for (NamedValue& value : report.values) {
    if (value.role == Role::kConventions) value.value["input_layout"] = model.letters;
  }
  return report;
}

}  // namespace tensord::cli::layer
