// Checks a question and makes a Model of it.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formula/build.h"
#include "grading/src/formula/lexer.h"
#include "grading/src/formula/model.h"
#include "grading/src/formula/parser.h"
#include "grading/src/formula/resolve.h"
#include "grading/src/formula/settings.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading::formula {
namespace {

constexpr size_t kMaxEntries = 64;  // symbols, indices, tensors, definitions, aliases of one
constexpr size_t kMaxRank = 8;
constexpr int64_t kMaxMinimum = 1000;

absl::Status Invalid(absl::string_view field, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", text));
}

std::string Field(absl::string_view list, size_t entry, absl::string_view field = "") {
  return absl::StrCat(list, "[", entry, "]", field);
}

class Builder {
 public:
  explicit Builder(const FormulaQuestion& question) : question_(question) {}

  absl::StatusOr<Model> Run() {
    TENSORD_RETURN_IF_ERROR(CheckCounts());
    TENSORD_RETURN_IF_ERROR(AddSymbols());
    TENSORD_RETURN_IF_ERROR(AddIndices());
    TENSORD_RETURN_IF_ERROR(AddTensors());
    for (size_t i = 0; i < question_.definitions.size(); ++i) TENSORD_RETURN_IF_ERROR(AddDefinition(i));
    TENSORD_RETURN_IF_ERROR(AddGradients());
    TENSORD_RETURN_IF_ERROR(SetTarget());
    TENSORD_RETURN_IF_ERROR(SetGiven());
    SetUses();
    TENSORD_RETURN_IF_ERROR(AddInstances());
    return std::move(model_);
  }

 private:
  absl::Status CheckCounts() const {
    const std::pair<absl::string_view, size_t> counts[] = {{"symbols", question_.symbols.size()},
                                                           {"indices", question_.indices.size()},
                                                           {"tensors", question_.tensors.size()},
                                                           {"definitions", question_.definitions.size()},
                                                           {"gradient_names", question_.gradient_names.size()}};
    for (const auto& [field, count] : counts) {
      if (count > kMaxEntries)
        return Invalid(field, absl::StrCat("has ", count, " entries, at most ", kMaxEntries, " can be"));
    }
    return absl::OkStatus();
  }

  // A name's canonical form, not yet taken in `taken`.
  absl::StatusOr<std::string> NewName(const std::string& name, const std::string& field, std::set<std::string>* taken) {
    const std::string canonical = CanonicalName(name);
    if (canonical.empty()) return Invalid(field, "has to be a name such as X, j1 or \\delta");
    if (!taken->insert(canonical).second)
      return Invalid(field, absl::StrCat(canonical, " is taken: choose another name"));
    return canonical;
  }

  absl::Status AddSymbols() {
    for (size_t i = 0; i < question_.symbols.size(); ++i) {
      const FormulaSymbol& symbol = question_.symbols[i];
      TENSORD_ASSIGN_OR_RETURN(const std::string name,
                               NewName(symbol.name, Field("symbols", i, ".name"), &index_names_));
      if (symbol.minimum < 1 || symbol.minimum > kMaxMinimum) {
        return Invalid(Field("symbols", i, ".minimum"), absl::StrCat("has to be from 1 to ", kMaxMinimum));
      }
      model_.symbols.push_back(symbol.name);
      model_.minima.push_back(symbol.minimum);
      model_.symbol_tree.names.push_back(name);
      model_.names.symbols.insert(name);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<IndexExpression> Size(const std::string& text, const std::string& field) {
    const std::optional<IndexExpression> size = ParseSize(text, &model_.symbol_tree);
    const bool known = model_.symbol_tree.names.size() == model_.symbols.size();
    model_.symbol_tree.names.resize(model_.symbols.size());
    if (!size.has_value() || !known) return Invalid(field, "has to be made of symbols, integers, +, - and *");
    return *size;
  }

  absl::Status AddIndices() {
    for (size_t i = 0; i < question_.indices.size(); ++i) {
      const FormulaIndex& index = question_.indices[i];
      TENSORD_ASSIGN_OR_RETURN(const std::string name,
                               NewName(index.name, Field("indices", i, ".name"), &index_names_));
      TENSORD_ASSIGN_OR_RETURN(model_.index_sizes[name], Size(index.size, Field("indices", i, ".size")));
      model_.index_order.push_back(name);
      model_.names.indices.insert(name);
    }
    return absl::OkStatus();
  }

  // Makes a tensor known under its name.
  absl::Status NameTensor(const std::string& name, const std::string& field, size_t rank) {
    TENSORD_ASSIGN_OR_RETURN(const std::string canonical, NewName(name, field, &tensor_names_));
    model_.names.tensors[canonical] = model_.tensors.size();
    model_.names.shown.push_back(canonical);
    model_.names.ranks.push_back(rank);
    ModelTensor tensor;
    tensor.name = name;
    model_.tensors.push_back(std::move(tensor));
    return absl::OkStatus();
  }

  absl::Status AddTensors() {
    for (size_t i = 0; i < question_.tensors.size(); ++i) {
      const FormulaTensor& given = question_.tensors[i];
      if (given.sizes.size() > kMaxRank)
        return Invalid(Field("tensors", i, ".sizes"), absl::StrCat("at most ", kMaxRank, " axes can be"));
      if (given.aliases.size() > kMaxEntries) return Invalid(Field("tensors", i, ".aliases"), "too many");
      TENSORD_RETURN_IF_ERROR(NameTensor(given.name, Field("tensors", i, ".name"), given.sizes.size()));
      for (size_t k = 0; k < given.sizes.size(); ++k) {
        TENSORD_ASSIGN_OR_RETURN(IndexExpression size,
                                 Size(given.sizes[k], absl::StrCat(Field("tensors", i, ".sizes"), "[", k, "]")));
        model_.tensors[i].sizes.push_back(std::move(size));
      }
      for (const std::string& index : given.indices) model_.tensors[i].indices.push_back(CanonicalName(index));
      const std::set<std::string> different(model_.tensors[i].indices.begin(), model_.tensors[i].indices.end());
      if (!given.indices.empty() && (different.size() != given.sizes.size() || different.count("") > 0)) {
        return Invalid(Field("tensors", i, ".indices"), "has to be empty or one name an axis, all different");
      }
      for (size_t k = 0; k < given.aliases.size(); ++k) {
        TENSORD_ASSIGN_OR_RETURN(
            const std::string alias,
            NewName(given.aliases[k], absl::StrCat(Field("tensors", i, ".aliases"), "[", k, "]"), &tensor_names_));
        model_.names.tensors[alias] = i;
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddDefinition(size_t i) {
    const std::string& text = question_.definitions[i];
    const std::string field = Field("definitions", i);
    const size_t name_end = text.find_first_of("[=");
    if (name_end == std::string::npos) return Invalid(field, "has to be an equation such as Z[i] = W[i] * X[i]");
    TENSORD_RETURN_IF_ERROR(NameTensor(std::string(absl::StripAsciiWhitespace(text.substr(0, name_end))), field, 0));
    const size_t tensor = model_.tensors.size() - 1;
    const Parsed parsed = Parse(text, model_.names);
    if (!parsed.fatal.empty())
      return Invalid(field, absl::StrCat(parsed.fatal[0].text, " (at byte ", parsed.fatal[0].offset, ")"));
    if (!parsed.unknown.empty()) return Invalid(field, parsed.unknown[0].text);
    if (!parsed.left.has_value() || parsed.left->tensor != tensor || parsed.chained) {
      return Invalid(field, "has to be one equation such as Z[i] = W[i] * X[i]");
    }
    ModelTensor& defined = model_.tensors[tensor];
    defined.defined = true;
    for (const size_t name : parsed.left->names) {
      const std::string& index = parsed.tree.names[name];
      const auto size = model_.index_sizes.find(index);
      if (size == model_.index_sizes.end()) return Invalid(field, absl::StrCat(index, " is not one of the indices"));
      if (std::count(defined.indices.begin(), defined.indices.end(), index) > 0)
        return Invalid(field, absl::StrCat(index, " is there twice on the left"));
      defined.sizes.push_back(size->second);
      defined.indices.push_back(index);
    }
    if (defined.sizes.size() > kMaxRank) return Invalid(field, absl::StrCat("at most ", kMaxRank, " axes can be"));
    model_.names.ranks[tensor] = defined.sizes.size();
    for (const Node& node : parsed.tree.nodes) {
      if (node.kind == NodeKind::kRead && node.tensor == tensor)
        return Invalid(field, absl::StrCat(defined.name, " stands on both sides"));
    }
    Resolved resolved = Resolve(parsed.tree, model_, defined.indices, defined.sizes);
    if (!resolved.problems.empty()) return Invalid(field, resolved.problems[0].text);
    model_.rational = model_.rational && resolved.rational;
    for (const Slot& slot : resolved.program.slots) {
      const bool sum = &slot - resolved.program.slots.data() >=
                       static_cast<std::ptrdiff_t>(resolved.program.symbol_count + resolved.program.free_count);
      if (sum && !slot.size.has_value()) return Invalid(field, absl::StrCat(slot.name, " is not one of the indices"));
    }
    model_.definitions.push_back({tensor, std::move(resolved.program)});
    return absl::OkStatus();
  }

  absl::Status AddGradients() {
    model_.names.objective = CanonicalName(question_.objective);
    if (model_.names.objective.empty()) return Invalid("objective", "has to be a name such as J");
    primal_count_ = model_.tensors.size();
    for (size_t i = 0; i < primal_count_; ++i) {
      const std::string name = model_.names.shown[i];
      ModelTensor gradient;
      gradient.name = absl::StrCat("d", question_.objective, "/d", model_.tensors[i].name);
      gradient.sizes = model_.tensors[i].sizes;
      gradient.indices = model_.tensors[i].indices;
      model_.tensors[i].gradient = model_.tensors.size();
      model_.names.gradients[name] = model_.tensors.size();
      for (const std::string& written :
           {absl::StrCat("d", name), absl::StrCat("d", model_.names.objective, "d", name)}) {
        model_.names.tensors.emplace(written, model_.tensors.size());  // Not where a tensor has that name.
        tensor_names_.insert(written);
      }
      model_.names.shown.push_back(gradient.name);
      model_.names.ranks.push_back(gradient.sizes.size());
      model_.tensors.push_back(std::move(gradient));
    }
    for (size_t i = 0; i < question_.gradient_names.size(); ++i) {
      const FormulaQuestion::GradientNames& names = question_.gradient_names[i];
      const std::optional<size_t> tensor = Primal(names.tensor);
      if (!tensor.has_value()) return Invalid(Field("gradient_names", i, ".tensor"), "has to be the name of a tensor");
      for (size_t k = 0; k < names.aliases.size() && k < kMaxEntries; ++k) {
        TENSORD_ASSIGN_OR_RETURN(
            const std::string alias,
            NewName(names.aliases[k], absl::StrCat(Field("gradient_names", i, ".aliases"), "[", k, "]"),
                    &tensor_names_));
        model_.names.tensors[alias] = *model_.tensors[*tensor].gradient;
      }
    }
    return absl::OkStatus();
  }

  std::optional<size_t> Primal(const std::string& name) const {
    const std::optional<size_t> tensor = model_.names.Tensor(CanonicalName(name));
    return tensor.has_value() && *tensor < primal_count_ ? tensor : std::nullopt;
  }

  absl::Status SetTarget() {
    const Parsed parsed = Parse(absl::StrCat(question_.target, " = 0"), model_.names);
    if (!parsed.fatal.empty()) return Invalid("target", parsed.fatal[0].text);
    if (!parsed.left.has_value() || parsed.left->tensor == kUnknownTensor) {
      return Invalid("target", absl::StrCat("has to be a defined tensor or a derivative such as d", question_.objective,
                                            "/dW[k]"));
    }
    model_.target = parsed.left->tensor;
    const ModelTensor& target = model_.tensors[model_.target];
    for (const size_t name : parsed.left->names) model_.free_names.push_back(parsed.tree.names[name]);
    if (parsed.left->implicit) model_.free_names = target.indices;
    const std::set<std::string> different(model_.free_names.begin(), model_.free_names.end());
    if (different.size() != target.sizes.size() || model_.free_names.size() != target.sizes.size()) {
      return Invalid("target", absl::StrCat(target.name, " needs ", target.sizes.size(), " different indices"));
    }
    model_.target_text = target.name;
    if (!target.sizes.empty()) absl::StrAppend(&model_.target_text, "[", absl::StrJoin(model_.free_names, ","), "]");
    return absl::OkStatus();
  }

  absl::Status SetGiven() {
    const bool derivative = model_.target >= primal_count_;
    if (!derivative) {
      if (!model_.tensors[model_.target].defined)
        return Invalid("target", "is given: ask for what is defined, or for a derivative");
      if (!question_.given_gradient.empty())
        return Invalid("given_gradient", "is only for a target that is a derivative");
      return absl::OkStatus();
    }
    model_.seed_is_one = question_.given_gradient.empty();
    const std::optional<size_t> given = Primal(model_.seed_is_one ? question_.objective : question_.given_gradient);
    if (!given.has_value() || !model_.tensors[*given].defined) {
      return Invalid("given_gradient",
                     absl::StrCat("has to be a defined tensor, or ", question_.objective, " has to be defined"));
    }
    if (model_.seed_is_one && !model_.tensors[*given].sizes.empty()) {
      return Invalid("objective", absl::StrCat(question_.objective, " has to be a scalar"));
    }
    model_.seed_gradient = given;
    if (!DependsOn(*given, model_.target - primal_count_) || *given == model_.target - primal_count_) {
      return Invalid("target",
                     absl::StrCat(model_.tensors[*given].name, " does not depend on what the derivative is by"));
    }
    return absl::OkStatus();
  }

  // Whether `tensor` is `other` or computed from it. Definitions are in order, so this ends.
  [[nodiscard]] bool DependsOn(size_t tensor, size_t other) const {
    std::vector<bool> depends(primal_count_, false);
    depends[other] = true;
    for (const Definition& definition : model_.definitions) {
      for (const Node& node : definition.program.tree.nodes) {
        if (node.kind == NodeKind::kRead && depends[node.tensor]) depends[definition.tensor] = true;
      }
    }
    return depends[tensor];
  }

  void SetUses() {
    const bool derivative = model_.target >= primal_count_;
    const size_t primal = derivative ? model_.target - primal_count_ : model_.target;
    for (size_t i = 0; i < primal_count_; ++i) {
      if (!derivative && DependsOn(i, primal)) model_.tensors[i].use = Use::kCircular;
      const bool between = derivative && i != primal && DependsOn(i, primal) && DependsOn(*model_.seed_gradient, i);
      model_.tensors[primal_count_ + i].use = between ? Use::kFree : Use::kNotGiven;
    }
    if (derivative) model_.tensors[model_.target].use = Use::kCircular;
  }

  absl::Status AddInstances();

  const FormulaQuestion& question_;
  Model model_;
  size_t primal_count_ = 0;
  std::set<std::string> index_names_;   // taken where indices stand
  std::set<std::string> tensor_names_;  // taken where values stand
};

absl::Status Builder::AddInstances() {
  model_.outside = question_.outside;
  model_.seed = question_.seed;
  model_.settings = ChooseSettings(model_);
  if (model_.settings.empty()) {
    return Invalid(
        "symbols",
        "no small sizes make every axis and index at least 1 long at a bounded cost: see indices and tensors");
  }
  constexpr int kAttempts = 4;  // A division by zero happens with hardly any of random values.
  for (const std::vector<int64_t>& sizes : model_.settings) {
    for (size_t trial = 0; trial < kTrials; ++trial) {
      State state = State::kUndefined;
      for (int attempt = 0; attempt < kAttempts && state == State::kUndefined; ++attempt) {
        Random random(Random::Mix(model_.seed + 1000 * model_.instances.size()) + static_cast<uint64_t>(attempt));
        auto built = BuildInstance(model_, FieldArithmetic(random.Next()), sizes,
                                   [&](size_t, size_t) { return FieldArithmetic::Draw(&random); });
        state = built.state;
        if (built.ok()) model_.instances.push_back(std::move(*built.value));
      }
      if (state == State::kOk) continue;
      const std::string at = absl::StrCat(" for the sizes ", SizesText(model_, sizes));
      if (state == State::kUndefined) return Invalid("definitions", absl::StrCat("divide by zero", at));
      if (state == State::kTooMuch) return Invalid("definitions", absl::StrCat("cost too much", at));
      return Invalid("definitions", absl::StrCat("read a tensor outside its shape", at,
                                                 ": make ranges smaller, or let outside be zero"));
    }
  }
  std::vector<double> degrees(model_.tensors.size(), 0);
  double all = 0;
  for (const Definition& definition : model_.definitions) {
    const Cells<FieldValue>& cells = model_.instances[0].tensors[definition.tensor];
    degrees[definition.tensor] = LogDegree(definition.program, model_, model_.settings[0], cells.shape, degrees);
    all += degrees[definition.tensor] + 1 + std::log2(static_cast<double>(CellCount(cells.shape)));
  }
  for (size_t i = primal_count_; i < model_.tensors.size(); ++i)
    degrees[i] = model_.seed_gradient.has_value() ? all : 0;
  model_.log_degrees = std::move(degrees);
  constexpr size_t kGrowing = 400;
  model_.growing = GrowingSizes(model_, kGrowing);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Model> CreateModel(const FormulaQuestion& question) { return Builder(question).Run(); }

}  // namespace tensord::grading::formula
