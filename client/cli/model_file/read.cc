#include "client/cli/model_file/read.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/document/document.h"
#include "client/cli/model_file/arguments.h"
#include "client/cli/model_file/builder.h"
#include "client/cli/model_file/chain.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::model_file {
namespace {

constexpr absl::string_view kInsteadOfAliases = "repeat: says that layers come again";
constexpr absl::string_view kModelKeys[] = {"name", "input", "inputs", "layers", "outputs"};
constexpr absl::string_view kInputKeys[] = {"name", "shape", "type"};
constexpr size_t kMaxRank = 8;

// A letter, then letters, digits or underscores, at most 32 of them.
bool IsSymbol(const Value& value) {
  constexpr size_t kMaxSymbol = 32;
  const std::string& text = value.text;
  return value.kind == Value::Kind::kScalar && !text.empty() && text.size() <= kMaxSymbol &&
         absl::ascii_isalpha(static_cast<unsigned char>(text[0])) && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

absl::Status AddShape(const Value& shape, const Place& place, v1::ModelInput& input) {
  if (shape.kind != Value::Kind::kList || shape.items.empty() || shape.items.size() > kMaxRank) {
    return place.Error(
        absl::StrCat("was ", Describe(shape), ", has to be a list of 1..", kMaxRank, " sizes, e.g. [N, 3, 224, 224]"));
  }
  for (size_t i = 0; i < shape.items.size(); ++i) {
    const Value& size = shape.items[i];
    const std::optional<int64_t> number = NumberOf(size);
    if (number.has_value() && *number >= (i == 0 ? 0 : 1)) {
      input.add_shape()->set_value(*number);
    } else if (!number.has_value() && IsSymbol(size)) {
      input.add_shape()->set_symbol(size.text);
    } else {
      return place.At(i, size).Error(absl::StrCat("was ", Describe(size), ", has to be a whole number of at least ",
                                                  i == 0 ? 0 : 1,
                                                  ", or a symbol: a letter, then letters, digits or underscores"));
    }
  }
  return absl::OkStatus();
}

// Adds an input: a list of sizes, or a mapping with them.
absl::Status AddInput(std::string name, const Value& value, const Place& place, Scope& scope, Builder& builder) {
  v1::ModelInput& input = *builder.model().add_inputs();
  TENSORCTL_ASSIGN_OR_RETURN(const Arguments arguments, Arguments::Read(value, place, kInputKeys, "shape"));
  if (const Value* const given = arguments.Find("name")) {
    TENSORCTL_ASSIGN_OR_RETURN(name, RequireText(*given, arguments.PlaceOf("name")));
  }
  if (name.empty() || name.size() > 64 || Escape(name) != name || name.find('/') != std::string::npos) {
    return place.Error("has to have a name of at most 64 bytes, without / and control characters");
  }
  const Value* const shape = arguments.Find("shape");
  if (shape == nullptr) return arguments.Missing("shape", "a list of sizes, e.g. [N, 3, 224, 224]");
  TENSORCTL_RETURN_IF_ERROR(AddShape(*shape, arguments.PlaceOf("shape"), input));
  if (const Value* const type = arguments.Find("type")) {
    TENSORCTL_ASSIGN_OR_RETURN(const std::string text, RequireText(*type, arguments.PlaceOf("type")));
    input.set_element_type(text);
  }
  input.set_name(builder.UniqueName(name));
  Tensor tensor{.name = input.name(), .rank = static_cast<size_t>(input.shape_size()), .channels = std::nullopt};
  if (tensor.rank >= 2 && input.shape(1).size_case() == v1::Dimension::kValue) tensor.channels = input.shape(1).value();
  if (!scope.tensors.emplace(name, std::move(tensor)).second) {
    return place.Error(absl::StrCat("is called \"", name, "\", which another input is called too"));
  }
  return absl::OkStatus();
}

absl::Status AddInputs(const Arguments& file, Scope& scope, Builder& builder) {
  const Value* const one = file.Find("input");
  const Value* const several = file.Find("inputs");
  if ((one == nullptr) == (several == nullptr)) {
    return file.Missing("input", "there, or else inputs: {shape: [N, 3, 224, 224]}, or a mapping of such by name");
  }
  if (one != nullptr) return AddInput("input", *one, file.PlaceOf("input"), scope, builder);
  const Place place = file.PlaceOf("inputs");
  if (several->kind != Value::Kind::kMap || several->items.empty()) {
    return place.Error(absl::StrCat("was ", Describe(*several), ", has to be a mapping from names to shapes"));
  }
  for (size_t i = 0; i < several->items.size(); ++i) {
    const Value& value = several->items[i];
    TENSORCTL_RETURN_IF_ERROR(
        AddInput(several->keys[i], value, place.Below(Escape(several->keys[i].substr(0, 64)), value), scope, builder));
  }
  return absl::OkStatus();
}

absl::Status AddOutputs(const Arguments& file, const Scope& scope, v1::Model& model) {
  const Value* const outputs = file.Find("outputs");
  if (outputs == nullptr) return absl::OkStatus();
  const Place place = file.PlaceOf("outputs");
  if (outputs->kind != Value::Kind::kList || outputs->items.empty()) {
    return place.Error(absl::StrCat("was ", Describe(*outputs), ", has to be a list of layers' names"));
  }
  for (size_t i = 0; i < outputs->items.size(); ++i) {
    const Place at = place.At(i, outputs->items[i]);
    TENSORCTL_ASSIGN_OR_RETURN(const std::string name, RequireText(outputs->items[i], at));
    const auto found = scope.tensors.find(name);
    if (found == scope.tensors.end()) {
      std::vector<std::string> known;
      for (const auto& [other, tensor] : scope.tensors) {
        if (known.size() < 64) known.push_back(other);
      }
      return at.Error(
          absl::StrCat("was \"", Escape(name), "\"", DidYouMean(name, known), ", has to be the name of a layer"));
    }
    model.add_outputs(found->second.name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Model> ReadModel(absl::string_view text, absl::string_view file) {
  TENSORCTL_ASSIGN_OR_RETURN(const Value document,
                             document::ReadDocument(text, file, {.instead_of_aliases = kInsteadOfAliases}));
  const Place place{.file = file, .path = "", .line = std::max(document.line, 1)};
  if (document.kind != Value::Kind::kMap) {
    return place.Error(
        absl::StrCat("was ", Describe(document), ", has to be a mapping of name, input or inputs, layers, outputs"));
  }
  TENSORCTL_ASSIGN_OR_RETURN(const Arguments arguments, Arguments::Read(document, place, kModelKeys));
  v1::Model model;
  Builder builder(model);
  Scope scope;
  if (const Value* const name = arguments.Find("name")) {
    TENSORCTL_ASSIGN_OR_RETURN(const std::string text_of_name, RequireText(*name, arguments.PlaceOf("name")));
    model.set_name(text_of_name);
  }
  TENSORCTL_RETURN_IF_ERROR(AddInputs(arguments, scope, builder));
  const Value* const layers = arguments.Find("layers");
  if (layers == nullptr) return arguments.Missing("layers", "a list of layers");
  const Tensor first = scope.tensors.size() == 1 ? scope.tensors.begin()->second : Tensor();
  TENSORCTL_RETURN_IF_ERROR(LowerList(*layers, arguments.PlaceOf("layers"), scope, first, builder).status());
  if (model.nodes().empty()) return arguments.PlaceOf("layers").Error("has no layers, has to have one at least");
  TENSORCTL_RETURN_IF_ERROR(AddOutputs(arguments, scope, model));
  return model;
}

absl::Span<const absl::string_view> ModelKeys() { return kModelKeys; }

bool IsModelFileName(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  return absl::EndsWith(lower, ".yaml") || absl::EndsWith(lower, ".yml") || absl::EndsWith(lower, ".json");
}

bool LooksLikeText(absl::string_view bytes) {
  constexpr size_t kLooked = 4096;
  const absl::string_view head = bytes.substr(0, kLooked);
  const bool has_controls = std::any_of(head.begin(), head.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' && c != '\r' && c != '\t';
  });
  return !head.empty() && !has_controls;
}

}  // namespace tensord::cli::model_file
