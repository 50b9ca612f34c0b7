#include "client/cli/model_file/chain.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::model_file {
namespace {

constexpr absl::string_view kCommonKeys[] = {"name", "from", "parameters-of"};
constexpr absl::string_view kStructures[] = {"repeat", "residual", "branches"};
constexpr absl::string_view kRepeatKeys[] = {"times", "layers", "shared"};
constexpr absl::string_view kResidualKeys[] = {"layers", "shortcut"};
constexpr size_t kMaxBranches = 1024;

std::vector<std::string> AllKinds() {
  std::vector<std::string> names(std::begin(kStructures), std::end(kStructures));
  for (const LayerKind& kind : LayerKinds()) names.emplace_back(kind.name);
  return names;
}

// One entry of a list of layers, taken apart.
struct Entry {
  std::string kind;
  const Value* arguments = nullptr;
  const Value* name = nullptr;
  const Value* from = nullptr;
  const Value* parameters_of = nullptr;
  Place place;
};

const Value& Nothing() {
  static const Value* const nothing = new Value();
  return *nothing;
}

absl::Status UnknownKind(absl::string_view kind, const Place& place) {
  const std::string name(kind.substr(0, 64));
  return place.Error(absl::StrCat("was \"", Escape(name), "\"", DidYouMean(name, AllKinds()),
                                  ", has to be a kind of layer: ", absl::StrJoin(AllKinds(), ", ")));
}

bool IsKind(absl::string_view name) {
  return FindLayerKind(name) != nullptr ||
         std::find(std::begin(kStructures), std::end(kStructures), name) != std::end(kStructures);
}

absl::StatusOr<Entry> EntryOf(const Value& value, Place place) {
  Entry entry{.kind = "", .arguments = &Nothing(), .place = std::move(place)};
  if (value.kind == Value::Kind::kScalar) {
    entry.kind = value.text;
    if (!IsKind(entry.kind)) return UnknownKind(entry.kind, entry.place);
    return entry;
  }
  if (value.kind != Value::Kind::kMap) {
    return entry.place.Error(absl::StrCat("was ", Describe(value),
                                          ", has to be a layer: its kind, or a mapping from that to its arguments"));
  }
  for (size_t i = 0; i < value.keys.size(); ++i) {
    const std::string& key = value.keys[i];
    if (std::find(std::begin(kCommonKeys), std::end(kCommonKeys), key) != std::end(kCommonKeys)) {
      (key == "name" ? entry.name : key == "from" ? entry.from : entry.parameters_of) = &value.items[i];
      continue;
    }
    Place at = entry.place;
    at.line = value.key_lines[i];
    if (!IsKind(key)) return UnknownKind(key, at);
    if (!entry.kind.empty()) {
      return at.Error(absl::StrCat("is both ", entry.kind, " and ", key, ", has to be one layer"));
    }
    entry.kind = key;
    entry.arguments = &value.items[i];
    entry.place.line = value.key_lines[i];
  }
  if (entry.kind.empty()) return entry.place.Error("has no kind of layer, has to have one, e.g. conv");
  return entry;
}

absl::StatusOr<Tensor> Find(const Scope& scope, const Value& value, const Place& place) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::string name, RequireText(value, place));
  std::vector<std::string> known;
  for (const Scope* in = &scope; in != nullptr; in = in->around) {
    const auto found = in->tensors.find(name);
    if (found != in->tensors.end()) return found->second;
    for (const auto& [other, tensor] : in->tensors) {
      if (known.size() < 64) known.push_back(other);
    }
  }
  return place.Error(absl::StrCat("was \"", Escape(name), "\"", DidYouMean(name, known),
                                  ", has to be the name of an input or of a layer before this one"));
}

// The layer of that kind whose parameters `value` names.
absl::StatusOr<ParameterList> FindParameters(const Scope& scope, absl::string_view kind, const Value& value,
                                             const Place& place) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::string name, RequireText(value, place));
  std::vector<std::string> known;
  for (const Scope* in = &scope; in != nullptr; in = in->around) {
    for (const auto& [other, layer] : in->layers) {
      if (other == name && layer.kind != kind) {
        return place.Error(absl::StrCat("was \"", Escape(name), "\", of the kind ", layer.kind,
                                        ", has to be of the kind ", kind, ", as this layer is"));
      }
      if (other == name) return layer.parameters;
      if (layer.kind == kind && known.size() < 64) known.push_back(other);
    }
  }
  return place.Error(absl::StrCat("was \"", Escape(name), "\"", DidYouMean(name, known),
                                  ", has to be the name of a layer before this one, of the kind ", kind));
}

// Lowers one entry.
class EntryLowering {
 public:
  EntryLowering(const Entry& entry, Scope& scope, Builder& builder) : entry_(entry), scope_(scope), builder_(builder) {}

  absl::StatusOr<Tensor> Run(const Tensor& previous) {
    TENSORCTL_RETURN_IF_ERROR(TakeInputs(previous));
    name_ = Name();
    full_name_ = scope_.prefix + name_;
    absl::StatusOr<Tensor> output = Lower();
    if (!output.ok()) return output;
    scope_.tensors.insert_or_assign(name_, *output);
    scope_.layers.insert_or_assign(name_, KnownLayer{.kind = entry_.kind, .parameters = taken_});
    return output;
  }

 private:
  absl::Status TakeInputs(const Tensor& previous) {
    if (entry_.from == nullptr) {
      if (previous.name.empty()) {
        return entry_.place.Error("has no layer before it, and the model has several inputs: from has to say which");
      }
      inputs_ = {previous};
      return absl::OkStatus();
    }
    const Place place = entry_.place.Below("from", *entry_.from);
    if (entry_.from->kind != Value::Kind::kList) {
      TENSORCTL_ASSIGN_OR_RETURN(Tensor tensor, Find(scope_, *entry_.from, place));
      inputs_ = {std::move(tensor)};
      return absl::OkStatus();
    }
    const std::vector<Value>& items = entry_.from->items;
    if (items.empty()) return place.Error("was an empty list, has to have a name at least");
    for (size_t i = 0; i < items.size(); ++i) {
      TENSORCTL_ASSIGN_OR_RETURN(Tensor tensor, Find(scope_, items[i], place.At(i, items[i])));
      inputs_.push_back(std::move(tensor));
    }
    return absl::OkStatus();
  }

  // The file's, or the kind's with a number that no layer of the list has.
  std::string Name() {
    if (entry_.name != nullptr) return entry_.name->text;
    std::string name;
    do {
      name = absl::StrCat(entry_.kind, ++scope_.counts[entry_.kind]);
    } while (scope_.given.count(name) != 0);
    return name;
  }

  absl::StatusOr<Tensor> Lower() {
    if (entry_.parameters_of != nullptr && FindLayerKind(entry_.kind) == nullptr) {
      return PlaceOfParameters().Error(absl::StrCat("stands beside ", entry_.kind, ", has to stand beside a layer"));
    }
    if (entry_.kind == "repeat") return Repeat();
    if (entry_.kind == "residual") return Residual();
    if (entry_.kind == "branches") return Branches();
    const LayerKind& kind = *FindLayerKind(entry_.kind);
    TENSORCTL_ASSIGN_OR_RETURN(const Arguments arguments,
                               Arguments::Read(*entry_.arguments, entry_.place, kind.keys, kind.shorthand));
    if (inputs_.size() < kind.min_inputs || inputs_.size() > kind.max_inputs) {
      return entry_.place.Error(absl::StrCat(
          kind.name, " takes ", inputs_.size(), inputs_.size() == 1 ? " tensor" : " tensors", ", has to take ",
          kind.min_inputs == kind.max_inputs ? "one" : absl::StrCat("at least ", kind.min_inputs, ": from: [a, b]")));
    }
    const FindTensor find = [this](const Value& name, const Place& place) { return Find(scope_, name, place); };
    ParameterList shared = NextOf(scope_.iteration);
    if (entry_.parameters_of != nullptr) {
      TENSORCTL_ASSIGN_OR_RETURN(shared, FindParameters(scope_, kind.name, *entry_.parameters_of, PlaceOfParameters()));
    }
    ParameterSource source(shared);
    absl::StatusOr<Tensor> output = kind.lower({.builder = builder_,
                                                .arguments = arguments,
                                                .name = full_name_,
                                                .inputs = inputs_,
                                                .find = find,
                                                .parameters = source});
    if (!output.ok()) return output;
    taken_ = source.taken();
    Note(scope_.iteration, taken_);
    TENSORCTL_RETURN_IF_ERROR(CheckShared(source, shared));
    return output;
  }

  Place PlaceOfParameters() const { return entry_.place.Below("parameters-of", *entry_.parameters_of); }

  absl::Status CheckShared(const ParameterSource& source, const ParameterList& shared) const {
    if (entry_.parameters_of != nullptr && taken_->empty()) {
      return PlaceOfParameters().Error(absl::StrCat("stands beside ", entry_.kind, ", which has no parameters"));
    }
    if (source.fits()) return absl::OkStatus();
    if (entry_.parameters_of == nullptr) {
      return entry_.place.Error(absl::StrCat("has ", Describe(*taken_), ", and had ", Describe(*shared),
                                             " the first time, has to have the same where shared is true"));
    }
    return PlaceOfParameters().Error(absl::StrCat("was \"", Escape(entry_.parameters_of->text), "\", which has ",
                                                  Describe(*shared), ", has to be a layer with ", Describe(*taken_)));
  }

  // The layers of a list below this entry.
  absl::StatusOr<Tensor> Below(const Value& list, const Place& place, absl::string_view part,
                               Iteration* iteration = nullptr) {
    Scope scope{.around = &scope_,
                .prefix = absl::StrCat(full_name_, "/", part),
                .iteration = iteration == nullptr ? scope_.iteration : iteration};
    return LowerList(list, place, scope, inputs_[0], builder_);
  }

  absl::Status RequireOneInput() const {
    if (inputs_.size() == 1) return absl::OkStatus();
    return entry_.place.Error(absl::StrCat("takes ", inputs_.size(), " tensors, has to take one"));
  }

  absl::StatusOr<Tensor> Repeat() {
    TENSORCTL_RETURN_IF_ERROR(RequireOneInput());
    TENSORCTL_ASSIGN_OR_RETURN(const Arguments arguments,
                               Arguments::Read(*entry_.arguments, entry_.place, kRepeatKeys));
    TENSORCTL_ASSIGN_OR_RETURN(const int64_t times, arguments.Number("times", 1));
    TENSORCTL_ASSIGN_OR_RETURN(const bool is_shared, arguments.Truth("shared", false));
    const Value* const layers = arguments.Find("layers");
    if (layers == nullptr) return arguments.Missing("layers", "a list of layers");
    Iteration iteration{.around = scope_.iteration};
    for (int64_t i = 1; i <= times; ++i) {
      builder_.CountStep();
      if (!builder_.fits()) break;
      TENSORCTL_ASSIGN_OR_RETURN(inputs_[0], Below(*layers, arguments.PlaceOf("layers"), absl::StrCat(i, "/"),
                                                   is_shared ? &iteration : nullptr));
      iteration.is_first = false;
      iteration.next = 0;
    }
    return inputs_[0];
  }

  absl::StatusOr<Tensor> Residual() {
    TENSORCTL_RETURN_IF_ERROR(RequireOneInput());
    TENSORCTL_ASSIGN_OR_RETURN(const Arguments arguments,
                               Arguments::Read(*entry_.arguments, entry_.place, kResidualKeys));
    const Value* const layers = arguments.Find("layers");
    if (layers == nullptr) return arguments.Missing("layers", "a list of layers");
    TENSORCTL_ASSIGN_OR_RETURN(const Tensor sum, Below(*layers, arguments.PlaceOf("layers"), ""));
    Tensor shortcut = inputs_[0];
    if (const Value* const list = arguments.Find("shortcut")) {
      TENSORCTL_ASSIGN_OR_RETURN(shortcut, Below(*list, arguments.PlaceOf("shortcut"), "shortcut/"));
    }
    Tensor output = sum;
    output.name = builder_.AddNode(absl::StrCat(full_name_, "/add"), "Add", {sum.name, shortcut.name}).outputs(0);
    return output;
  }

  // Side by side, and their channels one after another.
  absl::StatusOr<Tensor> Branches() {
    TENSORCTL_RETURN_IF_ERROR(RequireOneInput());
    const Value& lists = *entry_.arguments;
    if (lists.kind != Value::Kind::kList || lists.items.empty() || lists.items.size() > kMaxBranches) {
      return entry_.place.Error(
          absl::StrCat("was ", Describe(lists), ", has to be a list of 1..", kMaxBranches, " lists of layers"));
    }
    std::vector<Tensor> branches;
    for (size_t i = 0; i < lists.items.size(); ++i) {
      Place place = entry_.place.Below("branches", lists).At(i, lists.items[i]);
      TENSORCTL_ASSIGN_OR_RETURN(Tensor branch, Below(lists.items[i], place, absl::StrCat(i + 1, "/")));
      branches.push_back(std::move(branch));
    }
    TENSORCTL_ASSIGN_OR_RETURN(const Arguments none, Arguments::Read(Nothing(), entry_.place, {}));
    const FindTensor find = [this](const Value& name, const Place& place) { return Find(scope_, name, place); };
    ParameterSource parameters;
    return FindLayerKind("concat")->lower({.builder = builder_,
                                           .arguments = none,
                                           .name = absl::StrCat(full_name_, "/concat"),
                                           .inputs = branches,
                                           .find = find,
                                           .parameters = parameters});
  }

  const Entry& entry_;
  Scope& scope_;
  Builder& builder_;
  std::string name_;
  std::string full_name_;
  std::vector<Tensor> inputs_;
  ParameterList taken_;
};

// The names that the list's layers have, each once.
absl::Status TakeNames(const std::vector<Entry>& entries, Scope& scope) {
  std::map<std::string, int> lines;
  for (const Entry& entry : entries) {
    if (entry.name == nullptr) continue;
    const Place place = entry.place.Below("name", *entry.name);
    TENSORCTL_ASSIGN_OR_RETURN(const std::string name, RequireText(*entry.name, place));
    if (name.find('/') != std::string::npos || Escape(name) != name) {
      return place.Error(absl::StrCat("was ", Describe(*entry.name), ", has to be without / and control characters"));
    }
    const auto [other, is_new] = lines.emplace(name, place.line);
    if (!is_new) {
      return place.Error(absl::StrCat("was \"", name, "\", which the layer of line ", other->second,
                                      " is called too, has to be another name"));
    }
    if (scope.tensors.count(name) != 0) {
      return place.Error(absl::StrCat("was \"", name, "\", which an input is called, has to be another name"));
    }
    scope.given.insert(name);
  }
  for (const auto& [name, tensor] : scope.tensors) scope.given.insert(name);
  return absl::OkStatus();
}

}  // namespace

absl::Span<const absl::string_view> StructureNames() { return kStructures; }

absl::Span<const absl::string_view> KeysOfStructure(absl::string_view name) {
  if (name == "repeat") return kRepeatKeys;
  if (name == "residual") return kResidualKeys;
  return {};
}

absl::Span<const absl::string_view> CommonKeys() { return kCommonKeys; }

absl::StatusOr<Tensor> LowerList(const Value& list, const Place& place, Scope& scope, const Tensor& first,
                                 Builder& builder) {
  if (list.kind != Value::Kind::kList) {
    return place.Error(absl::StrCat("was ", Describe(list), ", has to be a list of layers"));
  }
  std::vector<Entry> entries;
  for (size_t i = 0; i < list.items.size(); ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(Entry entry, EntryOf(list.items[i], place.At(i, list.items[i])));
    entries.push_back(std::move(entry));
  }
  TENSORCTL_RETURN_IF_ERROR(TakeNames(entries, scope));
  Tensor current = first;
  for (const Entry& entry : entries) {
    TENSORCTL_ASSIGN_OR_RETURN(current, EntryLowering(entry, scope, builder).Run(current));
    if (!builder.fits()) {
      return entry.place.Error(absl::StrCat("makes the model too large, has to have at most ", Builder::kMaxNodes,
                                            " operators and repetitions, and ", Builder::kMaxBytes,
                                            " bytes of names and attributes"));
    }
  }
  return current;
}

}  // namespace tensord::cli::model_file
