#include "client/cli/message_file/schema.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/flags/enum_names.h"

namespace tensord::cli::message_file {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;
using Json = nlohmann::ordered_json;

constexpr char kSymbol[] = "^[A-Za-z][A-Za-z0-9_]*$";

Json Reference(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }

Json AnyOf(std::vector<Json> choices) { return choices.size() == 1 ? choices[0] : Json{{"anyOf", std::move(choices)}}; }

Json ListOf(const Json& item) { return {{"type", "array"}, {"items", item}}; }

// The shorter forms of a message, by its name; see shorthand.h.
std::vector<Json> ShorterForms(const std::string& name) {
  const Json integer = {{"type", "integer"}};
  const Json text = {{"type", "string"}};
  const Json tensor = {{"type", "object"},
                       {"required", {"values"}},
                       {"additionalProperties", false},
                       {"properties",
                        {{"type", Reference("DataType")},
                         {"shape", AnyOf({integer, ListOf(integer)})},
                         {"axes", text},
                         {"values", Reference("numbers")}}}};
  if (name == "Tensor") return {Reference("numbers"), {{"type", "string"}, {"pattern", "^[A-Za-z]"}}, tensor};
  if (name == "Datum") return {Reference("numbers"), tensor};
  if (name == "Dimension") return {integer, {{"type", "string"}, {"pattern", kSymbol}}};
  if (name == "Padding") {
    const Json pair = {{"type", "array"}, {"items", integer}, {"minItems", 2}, {"maxItems", 2}};
    return {integer, text, ListOf(AnyOf({integer, pair}))};
  }
  if (name == "Activation") return {text};
  return {};
}

// Makes the definitions of all messages and enums that are reached.
class Maker {
 public:
  Json Definitions(const Descriptor& type) {
    Define(type);
    // A number may be one of YAML's special ones, which are texts to a schema.
    const Json number = {{"anyOf", {{{"type", "number"}}, {{"enum", {"NaN", "Infinity", "-Infinity"}}}}}};
    definitions_["numbers"] = AnyOf({number, ListOf(Reference("numbers"))});
    Json sorted = Json::object();
    for (const auto& [name, definition] : definitions_) sorted[name] = definition;
    return sorted;
  }

 private:
  // Recurs as deep as the messages' types nest.
  void Define(const Descriptor& type) {
    if (!definitions_.emplace(type.name(), Json()).second) return;
    std::vector<Json> choices = ShorterForms(type.name());
    if (type.field_count() == 1 && type.field(0)->is_repeated() && !type.field(0)->is_map()) {
      choices.push_back(ListOf(OneValue(*type.field(0))));
      choices.push_back(OneValue(*type.field(0)));
    }
    choices.push_back(Fields(type));
    definitions_[type.name()] = AnyOf(std::move(choices));
  }

  Json Fields(const Descriptor& type) {
    Json properties = Json::object();
    for (int i = 0; i < type.field_count(); ++i) properties[type.field(i)->name()] = FieldOf(*type.field(i));
    if (type.name() == "AnalyzeModelRequest") properties["model"] = {{"type", "string"}};
    if (properties.contains("data_type") && !properties.contains("type")) properties["type"] = properties["data_type"];
    Json fields = {{"type", {"object", "null"}}, {"additionalProperties", false}, {"properties", properties}};
    Json choices = Json::array();
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) choices.push_back(AtMostOne(*type.oneof_decl(i)));
    if (!choices.empty()) fields["allOf"] = choices;
    return fields;
  }

  // At most one of the fields is there.
  static Json AtMostOne(const OneofDescriptor& oneof) {
    Json one = Json::array();
    for (int i = 0; i < oneof.field_count(); ++i) one.push_back({{"required", {oneof.field(i)->name()}}});
    const Json none = {{"not", {{"anyOf", one}}}};
    one.push_back(none);
    return {{"oneOf", one}};
  }

  Json FieldOf(const FieldDescriptor& field) {
    const Json nothing = {{"type", "null"}};
    if (field.is_map()) {
      return {{"type", {"object", "null"}}, {"additionalProperties", OneValue(*field.message_type()->map_value())}};
    }
    const Json one = OneValue(field);
    if (field.is_repeated()) return AnyOf({one, ListOf(one), nothing});
    return AnyOf({one, nothing});
  }

  Json OneValue(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Define(*field.message_type());
        return Reference(field.message_type()->name());
      case FieldDescriptor::CPPTYPE_ENUM: {
        const std::string& name = field.enum_type()->name();
        definitions_[name] = {{"enum", FlagNames(*field.enum_type())}};
        return Reference(name);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return {{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_STRING:
        // `id: 1` is the text "1".
        return {{"type", {"string", "number", "boolean"}}};
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return {{"type", "number"}};
      default:
        return {{"type", "integer"}};
    }
  }

  std::map<std::string, Json> definitions_;
};

}  // namespace

Json SchemaOf(const Descriptor& type) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", type.full_name()}};
  schema["$ref"] = "#/$defs/" + type.name();
  schema["$defs"] = Maker().Definitions(type);
  return schema;
}

}  // namespace tensord::cli::message_file
