#include "client/cli/model/report.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/model/counts.h"
#include "client/cli/model/message_json.h"
#include "client/cli/proto_json.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

Json ShapeJson(const v1::ModelTensor& tensor) {
  if (!tensor.has_shape()) return nullptr;
  Json shape = Json::array();
  for (const v1::Count& size : tensor.shape()) shape.push_back(CountJson(size));
  return shape;
}

template <typename Tensors>
Json TensorsJson(const Tensors& tensors) {
  Json list = Json::array();
  for (const v1::ModelTensor& tensor : tensors) {
    list.push_back({{"name", tensor.name()}, {"type", tensor.element_type()}, {"shape", ShapeJson(tensor)}});
  }
  return list;
}

// Adds every count; null where it is not known.
template <typename Message>
void AddCounts(const Message& message, Json& json) {
  for (const ModelCount& count : ModelCounts()) {
    const v1::Count* const value = count.of(message.parameter_count(), message.buffer_count(),
                                            message.has_operations() ? &message.operations() : nullptr);
    json[count.name] = value == nullptr ? Json(nullptr) : CountJson(*value);
  }
}

// Adds what layers and models have alike; null where it is not known.
template <typename Message>
void AddDetails(const Message& message, Json& json) {
  json["memory"] = message.has_memory() ? MessageJson(message.memory()) : Json(nullptr);
  json["backward"] = message.has_backward() ? MessageJson(message.backward()) : Json(nullptr);
  json["roofline"] = message.has_roofline() ? MessageJson(message.roofline()) : Json(nullptr);
}

}  // namespace

Report ModelReport(const v1::AnalyzeModelResponse& model) {
  Json layers = Json::array();
  for (const v1::ModelLayer& layer : model.layers()) {
    Json json = {{"name", layer.name()},
                 {"operator", layer.operator_()},
                 {"inputs", TensorsJson(layer.inputs())},
                 {"outputs", TensorsJson(layer.outputs())},
                 {"output_shape", layer.outputs().empty() ? Json(nullptr) : ShapeJson(layer.outputs(0))}};
    AddCounts(layer, json);
    AddDetails(layer, json);
    json["convention"] = layer.has_convention() ? MessageJson(layer.convention()) : Json(nullptr);
    json["receptive_fields"] = MessagesJson(layer.receptive_fields());
    layers.push_back(std::move(json));
  }
  Json total = Json::object();
  AddCounts(model, total);
  AddDetails(model, total);
  total["is_lower_bound"] = !model.unknown_layers().empty();
  Report report;
  // One after the other: a list in braces would be copied, and the layers are many.
  const auto add = [&](const char* name, Json value) { report.values.push_back({name, std::move(value)}); };
  add("name", model.name());
  add("inputs", TensorsJson(model.inputs()));
  add("outputs", TensorsJson(model.outputs()));
  add("layers", std::move(layers));
  add("total", std::move(total));
  add("conventions", MessagesJson(model.conventions()));
  add("tools", MessagesJson(model.tools()));
  add("unknown_layers", std::vector<std::string>(model.unknown_layers().begin(), model.unknown_layers().end()));
  add("conditions", std::vector<std::string>(model.conditions().begin(), model.conditions().end()));
  return report;
}

}  // namespace tensord::cli
