#include "client/cli/message_file/shorthand.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/flags/parse.h"
#include "client/cli/message_file/answer.h"
#include "client/cli/message_file/tensor.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "tensord/v1/activation.pb.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/model.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli::message_file {
namespace {

using document::Place;
using document::Value;

bool IsScalar(const Value& value) { return value.kind == Value::Kind::kScalar; }

// What the parsers of flags begin their errors with.
std::string Subject(const Place& place) {
  return absl::StrCat(place.file, place.line > 0 ? absl::StrCat(":", place.line) : "", ": ", place.path);
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& /*context*/, v1::Tensor& tensor) {
  if (!IsTensorForm(value)) return false;
  TENSORCTL_ASSIGN_OR_RETURN(tensor, ReadTensor(value, place));
  return true;
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& /*context*/, v1::Datum& datum) {
  constexpr absl::string_view kForms = "lists of numbers, {type, shape, values}, {generated: {...}} or {file: X.npy}";
  if (IsScalar(value) && !document::RealOf(value).has_value()) return Wrong(place, value, kForms);
  if (!IsTensorForm(value)) return false;
  TENSORCTL_ASSIGN_OR_RETURN(*datum.mutable_tensor(), ReadTensor(value, place));
  return true;
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& /*context*/, v1::Dimension& size) {
  if (value.kind == Value::Kind::kMap || value.kind == Value::Kind::kNull) return false;
  if (IsScalar(value)) {
    absl::StatusOr<std::vector<v1::Dimension>> sizes = ParseDimensions(place.path, value.text);
    if (sizes.ok() && sizes->size() == 1) {
      size = sizes->front();
      return true;
    }
  }
  return Wrong(place, value, "a number, or a symbol such as N: a letter, then letters, digits or _");
}

// The cells before and after along one axis: a number for both, or a pair.
absl::StatusOr<std::pair<int64_t, int64_t>> CellsOf(const Value& value, const Place& place) {
  constexpr absl::string_view kForms = "a number of cells, or a pair [before, after]";
  if (const std::optional<int64_t> both = document::NumberOf(value)) return std::pair(*both, *both);
  if (value.kind != Value::Kind::kList || value.items.size() != 2) return Wrong(place, value, kForms);
  const std::optional<int64_t> before = document::NumberOf(value.items[0]);
  const std::optional<int64_t> after = document::NumberOf(value.items[1]);
  if (!before.has_value() || !after.has_value()) return Wrong(place, value, kForms);
  return std::pair(*before, *after);
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& /*context*/, v1::Padding& padding) {
  if (IsScalar(value)) {
    TENSORCTL_ASSIGN_OR_RETURN(padding, ParsePadding(Subject(place), value.text));
    return true;
  }
  if (value.kind != Value::Kind::kList) return false;
  padding.set_mode(v1::PADDING_MODE_EXPLICIT);
  for (size_t i = 0; i < value.items.size(); ++i) {
    TENSORCTL_ASSIGN_OR_RETURN(const auto cells, CellsOf(value.items[i], place.At(i, value.items[i])));
    padding.add_begin(cells.first);
    padding.add_end(cells.second);
  }
  return true;
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& /*context*/,
                          v1::Activation& activation) {
  if (!IsScalar(value)) return false;
  TENSORCTL_ASSIGN_OR_RETURN(activation, ParseActivation(Subject(place), value.text));
  return true;
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& context, v1::Step& step) {
  if (context.tensor_names != nullptr) return false;
  std::map<std::string, std::string> names;
  TENSORCTL_RETURN_IF_ERROR(
      FillFields(value, place, {.files = context.files, .lines = context.lines, .tensor_names = &names}, step));
  for (auto& [field, name] : names) {
    if (step.tensors().contains(field)) {
      return place.Error(
          absl::StrCat("names the tensor ", field, " in tensors and in the operation, has to name it once"));
    }
    (*step.mutable_tensors())[field] = std::move(name);
  }
  return true;
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& /*context*/,
                          v1::StudentAnswer& answer) {
  return FillAnswer(value, place, answer);
}

// `value` without its entry `index`.
Value Without(const Value& value, size_t index) {
  Value rest = value;
  const auto at = static_cast<std::ptrdiff_t>(index);
  rest.items.erase(rest.items.begin() + at);
  rest.keys.erase(rest.keys.begin() + at);
  rest.key_lines.erase(rest.key_lines.begin() + at);
  return rest;
}

absl::StatusOr<bool> Fill(const Value& value, const Place& place, const Context& context,
                          v1::AnalyzeModelRequest& request) {
  const Value* const file = value.Find("model");
  if (file == nullptr) return false;
  const Place below = place.Below("model", *file);
  if (!IsScalar(*file)) return Wrong(below, *file, "a file's name; a model in the file itself is a graph");
  TENSORCTL_RETURN_IF_ERROR(
      FillFields(Without(value, static_cast<size_t>(file - value.items.data())), place, context, request));
  if (request.model_case() != v1::AnalyzeModelRequest::MODEL_NOT_SET) {
    return below.Error("is given beside onnx or graph, has to be given alone");
  }
  if (context.files == nullptr) return below.Error("names a file, which is not read here");
  const absl::Status read = context.files->ReadModel(file->text, request);
  if (!read.ok()) return below.Error(read.message());
  return true;
}

// Fills `message` where it is a Message; else nothing.
template <typename Message>
std::optional<absl::StatusOr<bool>> FillAs(const Value& value, const Place& place, const Context& context,
                                           google::protobuf::Message& message) {
  if (message.GetDescriptor() != Message::descriptor()) return std::nullopt;
  auto* const typed = google::protobuf::DynamicCastToGenerated<Message>(&message);
  if (typed == nullptr) return std::nullopt;
  return Fill(value, place, context, *typed);
}

}  // namespace

absl::StatusOr<bool> FillShorthand(const Value& value, const Place& place, const Context& context,
                                   google::protobuf::Message& message) {
  using Filler =
      std::optional<absl::StatusOr<bool>> (*)(const Value&, const Place&, const Context&, google::protobuf::Message&);
  static constexpr Filler kFillers[] = {
      FillAs<v1::Tensor>,     FillAs<v1::Datum>, FillAs<v1::Dimension>,     FillAs<v1::Padding>,
      FillAs<v1::Activation>, FillAs<v1::Step>,  FillAs<v1::StudentAnswer>, FillAs<v1::AnalyzeModelRequest>};
  for (const Filler filler : kFillers) {
    if (auto filled = filler(value, place, context, message)) return *std::move(filled);
  }
  return false;
}

bool IsTensorName(const Value& value, const google::protobuf::FieldDescriptor& field) {
  if (field.message_type() != v1::Tensor::descriptor() || !IsScalar(value) || value.text.empty()) return false;
  return absl::ascii_isalpha(static_cast<unsigned char>(value.text.front())) &&
         (value.is_quoted || !ParseDouble(value.text).has_value());
}

}  // namespace tensord::cli::message_file
