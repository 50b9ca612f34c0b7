#include "server/convert/model_graph_check.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/violations.h"

namespace tensord::server {
namespace {

using compute::Indexed;

constexpr uint8_t kTypeCount = 17;

std::string Quoted(absl::string_view text) { return absl::StrCat("\"", analysis::PrintableName(text), "\""); }

class Checker {
 public:
  Checker(const v1::Model& model, RequestErrors& errors) : model_(model), errors_(errors) {}

  void Check() {
    if (!CheckCounts()) return;
    if (model_.inputs().empty()) Add("graph.inputs", "was empty, has to have at least one");
    if (model_.nodes().empty()) Add("graph.nodes", "was empty, has to have at least one");
    for (int i = 0; i < model_.inputs_size(); ++i) CheckInput(model_.inputs(i), Field("graph.inputs", i));
    for (int i = 0; i < model_.parameters_size(); ++i) {
      CheckParameter(model_.parameters(i), Field("graph.parameters", i));
    }
    for (int i = 0; i < model_.nodes_size(); ++i) CheckNode(model_.nodes(i), Field("graph.nodes", i));
    for (int i = 0; i < model_.outputs_size(); ++i) {
      if (model_.outputs(i).empty()) Add(Field("graph.outputs", i), "was empty, has to be a tensor's name");
    }
  }

 private:
  void Add(absl::string_view field, absl::string_view description) { errors_.AddViolation(field, description); }
  static std::string Field(absl::string_view list, int index) { return Indexed(list, static_cast<size_t>(index)); }

  void AddLimit(absl::string_view field, absl::string_view what) {
    errors_.AddLimit(compute::LimitError("MODEL_TOO_LARGE", field, what));
  }

  // Whether the graph is within the bounds, before anything else is looked at.
  bool CheckCounts() {
    const auto nodes = static_cast<size_t>(model_.nodes_size());
    if (nodes > analysis::kMaxGraphNodes) {
      AddLimit("graph.nodes", absl::StrCat("the graph has ", nodes, " nodes, and may have ", analysis::kMaxGraphNodes));
      return false;
    }
    size_t names = static_cast<size_t>(model_.inputs_size()) + static_cast<size_t>(model_.parameters_size()) +
                   static_cast<size_t>(model_.outputs_size());
    size_t attributes = 0;
    for (const v1::ModelNode& node : model_.nodes()) {
      names += static_cast<size_t>(node.inputs_size()) + static_cast<size_t>(node.outputs_size());
      attributes += node.attributes().size();
    }
    if (names > analysis::kMaxGraphNames) {
      AddLimit("graph", absl::StrCat("the graph has ", names, " tensors and uses of them, and may have ",
                                     analysis::kMaxGraphNames));
    } else if (attributes > analysis::kMaxGraphNames) {
      AddLimit("graph.nodes", absl::StrCat("the graph's nodes have ", attributes, " attributes, and may have ",
                                           analysis::kMaxGraphNames));
    }
    return errors_.ok();
  }

  void CheckName(absl::string_view name, const std::string& field) {
    if (name.empty()) {
      Add(field, "was not given, has to be a tensor's name");
    } else if (!names_.insert(name).second) {
      Add(field, absl::StrCat("was ", Quoted(name), ", which another tensor is called, has to be unique"));
    }
  }

  void CheckType(const std::string& name, const std::string& field) {
    if (name.empty() || FindElementType(name).has_value()) return;
    std::vector<absl::string_view> names;
    for (uint8_t i = 0; i < kTypeCount; ++i)
      names.push_back(analysis::ElementTypeName(static_cast<analysis::ElementType>(i)));
    Add(field, absl::StrCat("was ", Quoted(name), ", has to be one of ", absl::StrJoin(names, ", ")));
  }

  template <typename Dimensions>
  bool CheckRank(const Dimensions& shape, const std::string& field) {
    if (static_cast<size_t>(shape.size()) <= analysis::kMaxGraphRank) return true;
    Add(field, absl::StrCat("has ", shape.size(), " sizes, has to have at most ", analysis::kMaxGraphRank));
    return false;
  }

  // `least`: of a number.
  void CheckSize(const v1::Dimension& size, bool may_be_open, int64_t least, const std::string& field) {
    if (size.size_case() == v1::Dimension::kValue) {
      if (size.value() < least) Add(field, absl::StrCat("was ", size.value(), ", has to be at least ", least));
    } else if (size.size_case() == v1::Dimension::kSymbol || !may_be_open) {
      analysis::CheckSymbol(DecodeModelDimension(size), field, errors_.violations());
    }
  }

  void CheckInput(const v1::ModelInput& input, const std::string& field) {
    CheckName(input.name(), field + ".name");
    CheckType(input.element_type(), field + ".element_type");
    const std::string shape = field + ".shape";
    if (input.shape().empty()) Add(shape, "was not given, has to have a size for each axis");
    if (!CheckRank(input.shape(), shape)) return;
    for (int i = 0; i < input.shape_size(); ++i) CheckSize(input.shape(i), false, i == 0 ? 0 : 1, Field(shape, i));
  }

  void CheckParameter(const v1::ModelParameter& parameter, const std::string& field) {
    CheckName(parameter.name(), field + ".name");
    CheckType(parameter.element_type(), field + ".element_type");
    const std::string shape = field + ".shape";
    if (parameter.shape().empty() && !parameter.has_integers()) {
      Add(shape, "was not given, has to have a size for each axis");
    }
    if (!CheckRank(parameter.shape(), shape)) return;
    const bool has_integers = parameter.has_integers();
    for (int i = 0; i < parameter.shape_size(); ++i) {
      CheckSize(parameter.shape(i), !has_integers, 0, Field(shape, i));
    }
    if (has_integers) CheckIntegers(parameter, field);
  }

  void CheckIntegers(const v1::ModelParameter& parameter, const std::string& field) {
    const auto count = static_cast<int64_t>(parameter.integers().values_size());
    if (count > static_cast<int64_t>(analysis::kMaxConstantValues)) {
      Add(field + ".integers",
          absl::StrCat("has ", count, " elements, has to have at most ", analysis::kMaxConstantValues));
      return;
    }
    if (parameter.shape().empty()) return;
    // As long as it is below the count, the product cannot overflow.
    int64_t elements = 1;
    bool fits = true;
    for (const v1::Dimension& size : parameter.shape()) {
      if (size.size_case() != v1::Dimension::kValue) {
        if (size.size_case() == v1::Dimension::kSymbol) fits = false;
        continue;
      }
      if (size.value() == 0) elements = 0;
      if (elements > 0 && (size.value() < 0 || size.value() > count / elements)) fits = false;
      if (!fits) break;
      elements *= size.value();
    }
    if (fits && elements == count) return;
    Add(field + ".integers", absl::StrCat("has ", count, " elements, has to have as many as its shape"));
  }

  void CheckNode(const v1::ModelNode& node, const std::string& field) {
    if (node.operator_().empty()) Add(field + ".operator", "was not given, has to be the name of an operator of ONNX");
    if (node.outputs().empty()) Add(field + ".outputs", "was empty, has to have at least one");
    for (int i = 0; i < node.outputs_size(); ++i) {
      // An optional output that nobody wants is empty, but for the first.
      if (i > 0 && node.outputs(i).empty()) continue;
      CheckName(node.outputs(i), Field(field + ".outputs", i));
    }
    // In an order that does not depend on the map's.
    std::map<absl::string_view, const v1::ModelAttribute*> attributes;
    for (const auto& [name, value] : node.attributes()) attributes.emplace(name, &value);
    for (const auto& [name, value] : attributes) {
      CheckAttribute(*value, absl::StrCat(field, ".attributes[", Quoted(name), "]"));
    }
  }

  void CheckAttribute(const v1::ModelAttribute& attribute, const std::string& field) {
    if (attribute.value_case() == v1::ModelAttribute::VALUE_NOT_SET) {
      Add(field, "was not given, has to be integer, real, text, integers or reals");
    }
    const auto entries =
        static_cast<size_t>(attribute.integers().values_size()) + static_cast<size_t>(attribute.reals().values_size());
    if (entries > analysis::kMaxAttributeEntries) {
      Add(field, absl::StrCat("has ", entries, " entries, has to have at most ", analysis::kMaxAttributeEntries));
    }
  }

  const v1::Model& model_;
  RequestErrors& errors_;
  absl::flat_hash_set<absl::string_view> names_;
};

}  // namespace

std::optional<analysis::ElementType> FindElementType(absl::string_view name) {
  for (uint8_t i = 0; i < kTypeCount; ++i) {
    const auto type = static_cast<analysis::ElementType>(i);
    if (name == analysis::ElementTypeName(type)) return type;
  }
  return std::nullopt;
}

analysis::Dimension DecodeModelDimension(const v1::Dimension& dimension) {
  if (dimension.size_case() == v1::Dimension::kValue) return dimension.value();
  return dimension.symbol();
}

void CheckModelGraph(const v1::Model& model, RequestErrors& errors) { Checker(model, errors).Check(); }

}  // namespace tensord::server
