#include "grading/src/question/evaluation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "grading/src/question/path.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* OperationField(const v1::Step& step) {
  return step.GetReflection()->GetOneofFieldDescriptor(step, v1::Step::descriptor()->FindOneofByName("operation"));
}

// A status whose message is about that field.
absl::Status At(absl::string_view field, const absl::Status& status) {
  return {status.code(), absl::StrCat(field, ": ", status.message())};
}

// The field of a tensor that a step gives a name for.
absl::StatusOr<const FieldDescriptor*> TensorField(const Message& operation, const std::string& name) {
  const google::protobuf::Descriptor& type = *operation.GetDescriptor();
  const FieldDescriptor* const field = type.FindFieldByName(name);
  const auto is_tensor = [](const FieldDescriptor& candidate) {
    return candidate.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !candidate.is_repeated() &&
           candidate.message_type() == v1::Tensor::descriptor();
  };
  if (field != nullptr && is_tensor(*field)) return field;
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    if (is_tensor(*type.field(i))) names.push_back(type.field(i)->name());
  }
  return absl::InvalidArgumentError(absl::StrCat("is no tensor of the operation, has to be one of ",
                                                 names.empty() ? "none: it has none" : absl::StrJoin(names, ", ")));
}

// Asks for bounds where the operation has them.
void AskForBounds(Message& operation) {
  const FieldDescriptor* const field = operation.GetDescriptor()->FindFieldByName("return_error_bounds");
  if (field != nullptr) operation.GetReflection()->SetBool(&operation, field, true);
}

void SetProfile(v1::ConventionProfile profile, Message& operation) {
  const FieldDescriptor* const field = operation.GetDescriptor()->FindFieldByName("profile");
  if (field == nullptr || profile == v1::CONVENTION_PROFILE_UNSPECIFIED) return;
  const google::protobuf::Reflection& reflection = *operation.GetReflection();
  if (reflection.GetEnumValue(operation, field) == 0) reflection.SetEnumValue(&operation, field, profile);
}

// A step's name, and what follows its dot.
std::pair<absl::string_view, absl::string_view> Split(absl::string_view path) {
  return absl::StrSplit(path, absl::MaxSplits('.', 1));
}

}  // namespace

absl::Status Below(absl::string_view field, const absl::Status& status) {
  absl::Status placed(status.code(), absl::StrCat(field, ".", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { placed.SetPayload(url, payload); });
  return placed;
}

const Message* OperationOf(const v1::Step& step) {
  const FieldDescriptor* const field = OperationField(step);
  return field == nullptr ? nullptr : &step.GetReflection()->GetMessage(step, field);
}

Message* MutableOperationOf(v1::Step& step) {
  const FieldDescriptor* const field = OperationField(step);
  return field == nullptr ? nullptr : step.GetReflection()->MutableMessage(&step, field);
}

absl::StatusOr<Evaluation> Evaluation::Run(const v1::Question& question, v1::ConventionProfile profile,
                                           Engine& engine) {
  Evaluation evaluation;
  for (const auto& [name, datum] : question.data()) evaluation.data_.emplace(name, datum.tensor());
  for (int i = 0; i < question.steps_size(); ++i) {
    const absl::Status status = evaluation.RunStep(question.steps(i), profile, engine);
    if (!status.ok()) return Below(absl::StrCat("steps[", i, "]"), status);
  }
  return evaluation;
}

absl::Status Evaluation::RunStep(const v1::Step& step, v1::ConventionProfile profile, Engine& engine) {
  const Message* const given = OperationOf(step);
  if (given == nullptr) return absl::InvalidArgumentError("operation: is missing");
  const std::unique_ptr<Message> operation(given->New());
  operation->CopyFrom(*given);
  for (const auto& [name, path] : step.tensors()) {
    const std::string at = absl::StrCat("tensors[", name, "]");
    const absl::StatusOr<const FieldDescriptor*> field = TensorField(*operation, name);
    if (!field.ok()) return At(at, field.status());
    const absl::StatusOr<v1::Tensor> tensor = TensorAt(path);
    if (!tensor.ok()) return At(at, tensor.status());
    operation->GetReflection()->MutableMessage(operation.get(), *field)->CopyFrom(*tensor);
  }
  SetProfile(profile, *operation);
  const std::unique_ptr<Message> plain(operation->New());
  plain->CopyFrom(*operation);
  AskForBounds(*operation);
  absl::StatusOr<std::unique_ptr<Message>> response = engine.Run(*operation);
  // Not every type has bounds; what is refused for that reason is computed without.
  if (absl::IsInvalidArgument(response.status()) || absl::IsUnimplemented(response.status())) {
    response = engine.Run(*plain);
  }
  if (!response.ok()) return Below(OperationField(step)->name(), response.status());
  responses_[step.name()] = *std::move(response);
  return absl::OkStatus();
}

absl::StatusOr<v1::Tensor> Evaluation::TensorAt(absl::string_view path) const {
  const auto [name, rest] = Split(path);
  const auto datum = data_.find(std::string(name));
  if (datum != data_.end() && rest.empty()) return datum->second;
  const auto response = responses_.find(std::string(name));
  if (response == responses_.end()) {
    return absl::InvalidArgumentError(absl::StrCat("was \"", path, "\", has to name data or an earlier step"));
  }
  TENSORD_ASSIGN_OR_RETURN(const v1::Tensor* const tensor, grading::TensorAt(*response->second, rest));
  return *tensor;
}

absl::StatusOr<Computed> Evaluation::Select(absl::string_view path) const {
  const auto [name, rest] = Split(path);
  const auto datum = data_.find(std::string(name));
  if (datum != data_.end() && rest.empty()) return TensorValueOf(datum->second);
  const auto response = responses_.find(std::string(name));
  if (response == responses_.end()) {
    std::vector<std::string> names;
    for (const auto& [there, tensor] : data_) names.push_back(there);
    for (const auto& [there, answer] : responses_) names.push_back(there);
    return absl::InvalidArgumentError(
        absl::StrCat("was \"", path, "\", has to begin with one of ",
                     names.empty() ? "none: there are no data and no steps" : absl::StrJoin(names, ", ")));
  }
  return ValueAt(*response->second, rest);
}

int64_t Evaluation::element_count() const {
  size_t bytes = 0;
  for (const auto& [name, tensor] : data_) bytes += tensor.ByteSizeLong();
  for (const auto& [name, response] : responses_) bytes += response->ByteSizeLong();
  return static_cast<int64_t>(bytes / sizeof(double));
}

Evaluation Evaluation::Copy() const {
  Evaluation copy;
  copy.data_ = data_;
  copy.facts_ = facts_;
  for (const auto& [name, response] : responses_) {
    std::unique_ptr<Message>& message = copy.responses_[name];
    message.reset(response->New());
    message->CopyFrom(*response);
  }
  return copy;
}

LayerFacts* Evaluation::facts(const std::string& step, const v1::AnalyzeLayerRequest& request) {
  auto found = facts_.find(step);
  if (found == facts_.end()) {
    const auto& response =  // NOLINTNEXTLINE(*-static-cast-downcast): what AnalyzeLayer answers with
        static_cast<const v1::AnalyzeLayerResponse&>(*responses_.at(step));
    found = facts_.emplace(step, FactsOf(request, response)).first;
  }
  return found->second.has_value() ? &*found->second : nullptr;
}

void Evaluation::RestateLayers() {
  for (const auto& [step, facts] : facts_) {
    if (!facts.has_value()) continue;
    // NOLINTNEXTLINE(*-static-cast-downcast): as above
    Restate(*facts, static_cast<v1::AnalyzeLayerResponse&>(*responses_.at(step)));
  }
}

}  // namespace tensord::grading
