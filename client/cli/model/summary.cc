#include "client/cli/model/summary.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/modules.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

void AddOperations(const v1::AnalyzeModelResponse& model, std::vector<SummaryLine>& lines) {
  static const std::pair<const char*, const char*> kNames[] = {
      {"parameter_count", "parameters"},
      {"buffer_count", "buffers (running statistics)"},
      {"mac_count", "multiply-accumulates"},
      {"flop_count", "FLOPs (2 for each)"},
      {"multiplication_count", "multiplications"},
      {"addition_count", "additions"},
      {"comparison_count", "comparisons"},
      {"division_count", "divisions"},
      {"special_function_count", "special functions"},
  };
  for (const auto& [name, text] : kNames) {
    for (const ModelCount& count : ModelCounts()) {
      if (count.name != absl::string_view(name)) continue;
      const std::string number =
          CountText(count.of(model.parameter_count(), model.buffer_count(), &model.operations()));
      const bool always = name == absl::string_view("parameter_count") || name == absl::string_view("mac_count");
      if (always || (number != "0" && number != "?")) lines.push_back({name, text, number, ""});
    }
  }
}

void AddMemory(const v1::ModelMemory& memory, std::vector<SummaryLine>& lines) {
  const auto add = [&](const char* key, const char* name, bool has, const v1::Count& count, const std::string& note) {
    const std::string number = CountText(&count);
    if (has && number != "0") lines.push_back({key, name, number, note});
  };
  add("parameter_byte_count", "bytes of parameters", memory.has_parameter_byte_count(), memory.parameter_byte_count(),
      "");
  add("buffer_byte_count", "bytes of buffers", memory.has_buffer_byte_count(), memory.buffer_byte_count(), "");
  add("activation_byte_count", "bytes of activations", memory.has_activation_byte_count(),
      memory.activation_byte_count(), "");
  add("peak_activation_byte_count", "most of them at once", memory.has_peak_activation_byte_count(),
      memory.peak_activation_byte_count(), memory.peak_layer().empty() ? "" : absl::StrCat("at ", memory.peak_layer()));
  add("training_byte_count", "bytes that training keeps", memory.has_training_byte_count(),
      memory.training_byte_count(), "");
}

void AddBackward(const v1::BackwardCounts& backward, std::vector<SummaryLine>& lines) {
  const auto add = [&](const char* key, const char* name, const v1::OperationCounts& counts) {
    const std::string number = CountText(&MacsOf(counts));
    if (number != "0") lines.push_back({key, name, number, ""});
  };
  add("input_gradient_mac_count", "MACs of the inputs' gradients", backward.input_gradient());
  add("parameter_gradient_mac_count", "MACs of the parameters' gradients", backward.parameter_gradient());
}

void AddRoofline(const v1::Roofline& roofline, std::vector<SummaryLine>& lines) {
  lines.push_back(
      {"arithmetic_intensity", "operations a byte", absl::StrFormat("%.3g", roofline.arithmetic_intensity()), ""});
  if (roofline.bound() == v1::ROOFLINE_BOUND_UNSPECIFIED) return;
  lines.push_back({"seconds", "time on that machine, at least", absl::StrFormat("%.3g ms", 1e3 * roofline.seconds()),
                   absl::StrCat("bound by ", BoundText(roofline))});
}

std::string Digits(const v1::Count& count) { return count.decimal().empty() ? count.expression() : count.decimal(); }

// A whole ratio without its denominator.
std::string RatioText(const v1::Ratio& ratio) {
  const std::string denominator = Digits(ratio.denominator());
  if (denominator.empty() || denominator == "1") return Digits(ratio.numerator());
  return absl::StrCat(Digits(ratio.numerator()), ":", denominator);
}

const char* ToolName(v1::CostTool tool) {
  switch (tool) {
    case v1::COST_TOOL_TORCHINFO:
      return "torchinfo";
    case v1::COST_TOOL_FVCORE:
      return "fvcore";
    case v1::COST_TOOL_PTFLOPS:
      return "ptflops";
    case v1::COST_TOOL_THOP:
      return "thop";
    default:
      return "?";
  }
}

}  // namespace

std::vector<SummaryLine> SummaryOf(const v1::AnalyzeModelResponse& model) {
  std::vector<SummaryLine> lines;
  AddOperations(model, lines);
  const v1::CostConvention convention = ConventionOf(model);
  if (ConventionName(convention) != "default") {
    lines.push_back({"convention_mac_count", "multiply-accumulates by the convention", CountText(MacCount(model)),
                     ConventionName(convention)});
  }
  AddMemory(model.memory(), lines);
  if (model.has_backward()) AddBackward(model.backward(), lines);
  if (model.has_roofline()) AddRoofline(model.roofline(), lines);
  return lines;
}

SummaryTable ConventionsTable(const v1::AnalyzeModelResponse& model) {
  SummaryTable table{"Conventions", {{"convention"}, {"MACs", true}, {"FLOPs", true}}, {}};
  for (const v1::ConventionCount& count : model.conventions()) {
    const std::string name = ConventionName(count.convention());
    const std::string macs = CountText(count.has_mac_count() ? &count.mac_count() : nullptr);
    const std::string flops = CountText(count.has_flop_count() ? &count.flop_count() : nullptr);
    const auto same = std::find_if(table.rows.begin(), table.rows.end(),
                                   [&](const auto& row) { return row[1] == macs && row[2] == flops; });
    if (same == table.rows.end()) {
      table.rows.push_back({name, macs, flops});
    } else {
      absl::StrAppend(&same->front(), ", ", name);
    }
  }
  return table;
}

SummaryTable ToolsTable(const v1::AnalyzeModelResponse& model) {
  SummaryTable table{"What tools would print",
                     {{"tool"}, {"it calls it"}, {"number", true}, {"parameters", true}, {"rule"}, {"source"}},
                     {}};
  for (const v1::ToolCount& tool : model.tools()) {
    table.rows.push_back({ToolName(tool.tool()), tool.quantity(), CountText(tool.has_count() ? &tool.count() : nullptr),
                          CountText(tool.has_parameter_count() ? &tool.parameter_count() : nullptr), tool.rule(),
                          tool.source()});
  }
  return table;
}

std::string TensorsText(const google::protobuf::RepeatedPtrField<v1::ModelTensor>& tensors) {
  return absl::StrJoin(tensors, "; ", [](std::string* out, const v1::ModelTensor& tensor) {
    absl::StrAppend(out, Escape(tensor.name()), " ", tensor.element_type(), " ", ShapeText(tensor));
  });
}

std::string UnknownText(const v1::AnalyzeModelResponse& model) {
  constexpr int kMost = 5;
  std::vector<std::string> names;
  for (int i = 0; i < std::min(kMost, model.unknown_layers_size()); ++i) {
    names.push_back(Escape(model.unknown_layers(i)));
  }
  if (model.unknown_layers_size() > kMost) names.push_back("...");
  return absl::StrCat("at least: nothing is known of what ", model.unknown_layers_size(), " of the layers cost (",
                      absl::StrJoin(names, ", "), ")");
}

bool HasFields(const v1::AnalyzeModelResponse& model) {
  return std::any_of(model.layers().begin(), model.layers().end(),
                     [](const v1::ModelLayer& layer) { return !SeesText(layer).empty(); });
}

std::string SeesText(const v1::ModelLayer& layer) {
  if (layer.receptive_fields().empty() || layer.receptive_fields(0).axes().empty()) return "";
  const auto& axes = layer.receptive_fields(0).axes();
  if (std::all_of(axes.begin(), axes.end(), [](const auto& axis) { return axis.is_whole(); })) return "all";
  std::vector<std::string> sizes;
  std::vector<std::string> strides;
  for (const v1::ReceptiveAxis& axis : axes) {
    sizes.push_back(Digits(axis.size()));
    strides.push_back(axis.is_whole() ? "-" : RatioText(axis.stride()));
  }
  const bool alike = std::adjacent_find(strides.begin(), strides.end(), std::not_equal_to<>()) == strides.end();
  return absl::StrCat(absl::StrJoin(sizes, "x"), "/", alike ? strides[0] : absl::StrJoin(strides, "x"));
}

std::string BoundText(const v1::Roofline& roofline) {
  switch (roofline.bound()) {
    case v1::ROOFLINE_BOUND_MEMORY:
      return "memory";
    case v1::ROOFLINE_BOUND_COMPUTE:
      return "compute";
    default:
      return "";
  }
}

}  // namespace tensord::cli
