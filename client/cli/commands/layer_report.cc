#include "client/cli/commands/layer_report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/proto_json.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

Json ByteCountsJson(const v1::ByteCounts& bytes) {
  return {{"input", CountJson(bytes.input())},
          {"filter", CountJson(bytes.filter())},
          {"bias", CountJson(bytes.bias())},
          {"output", CountJson(bytes.output())}};
}

// Name to `general = substituted = value`; the value only where it is one.
Json FormulasJson(const Report& report) {
  Json formulas = Json::object();
  for (const v1::Formula& formula : report.formulas) {
    std::string text = formula.general();
    if (formula.substituted() != formula.general()) absl::StrAppend(&text, " = ", formula.substituted());
    const Json* result = FindValue(report, formula.quantity());
    if (result != nullptr && result->is_primitive()) {
      const std::string value = result->is_string() ? result->get<std::string>() : result->dump();
      if (value != formula.substituted() && value != formula.general()) absl::StrAppend(&text, " = ", value);
    }
    formulas[formula.quantity()] = text;
  }
  return formulas;
}

}  // namespace

Report LayerReport(const v1::AnalyzeLayerResponse& response, const std::vector<MoreCount>& more) {
  Report report;
  Json shape = Json::array();
  for (const v1::Count& size : response.output_shape()) shape.push_back(CountJson(size));
  report.values.push_back({"output_shape", shape});
  std::vector<MoreCount> counts = {
      {"parameter_count", response.parameter_count()}, {"weight_count", response.weight_count()},
      {"bias_count", response.bias_count()},           {"multiplication_count", response.multiplication_count()},
      {"addition_count", response.addition_count()},   {"mac_count", response.mac_count()},
      {"flop_count", response.flop_count()},           {"comparison_count", response.comparison_count()},
      {"division_count", response.division_count()},
  };
  counts.insert(counts.end(), more.begin(), more.end());
  counts.push_back({"input_channel_count", response.input_channel_count()});
  counts.push_back({"output_channel_count", response.output_channel_count()});
  for (const auto& [name, count] : counts) {
    // People need not read of every operation that the layer does not have.
    const bool nothing = count.has_value() && count.value() == 0 && name != absl::string_view("parameter_count");
    report.values.push_back({name, CountJson(count), nothing ? Role::kDetail : Role::kQuantity});
  }
  report.values.push_back({"byte_count", ByteCountsJson(response.byte_count())});
  report.formulas.assign(response.formulas().begin(), response.formulas().end());
  report.conditions.assign(response.conditions().begin(), response.conditions().end());
  report.values.push_back({"formulas", FormulasJson(report), Role::kDetail});
  report.values.push_back({"conditions", report.conditions, Role::kDetail});
  const google::protobuf::Message* conventions = nullptr;
  if (response.has_convolution_conventions()) conventions = &response.convolution_conventions();
  if (response.has_transposed_convolution_conventions()) conventions = &response.transposed_convolution_conventions();
  if (response.has_pooling_conventions()) conventions = &response.pooling_conventions();
  AddConventions(response.profile(), conventions, nullptr, report);
  return report;
}

}  // namespace tensord::cli
