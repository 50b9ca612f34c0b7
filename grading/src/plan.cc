#include "grading/src/plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "grading/src/question/layer_facts.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading {
namespace {

using google::protobuf::Message;

// What an entry weighs besides its elements: some hundred bytes.
constexpr int64_t kEntryElements = 32;

int64_t ElementCountOf(const Computed& value) {
  if (const auto* const tensor = std::get_if<TensorValue>(&value)) {
    return static_cast<int64_t>(tensor->elements.size() + tensor->bounds.size());
  }
  return static_cast<int64_t>(std::get<SizesValue>(value).sizes.size()) * 8;
}

// Errors that are no property of the question.
bool IsInterruption(const absl::Status& status) {
  return absl::IsCancelled(status) || absl::IsResourceExhausted(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsInternal(status);
}

const v1::AnalyzeLayerRequest* LayerStep(const v1::Question& question, const std::string& name) {
  for (const v1::Step& step : question.steps()) {
    if (step.name() == name && step.has_analyze_layer()) return &step.analyze_layer();
  }
  return nullptr;
}

// Acts on the layers of an evaluation; whether there was anything to change in one of them.
bool ChangeLayers(const v1::Question& question, const Slip& slip, Evaluation& evaluation) {
  bool changed = false;
  for (const auto& [name, response] : evaluation.responses()) {
    const v1::AnalyzeLayerRequest* const request = LayerStep(question, name);
    if (request == nullptr) continue;
    LayerFacts* const facts = evaluation.facts(name, *request);
    changed = (facts != nullptr && slip.layer(*facts)) || changed;
  }
  return changed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Plan>> Plan::Create(v1::Question question, v1::ConventionProfile profile, Engine& engine,
                                                   int64_t max_kept_elements) {
  std::unique_ptr<Plan> plan(new Plan(std::move(question), profile, engine, max_kept_elements));
  TENSORD_ASSIGN_OR_RETURN(Evaluation evaluation, Evaluation::Run(plan->question_, profile, engine));
  plan->element_count_ = evaluation.element_count();
  plan->evaluations_[{}] = std::make_shared<const Evaluation>(std::move(evaluation));
  return plan;
}

absl::StatusOr<std::vector<Computed>> Plan::Values(const v1::Part& part) const {
  TENSORD_ASSIGN_OR_RETURN(const std::shared_ptr<const Evaluation> evaluation, Evaluated({}));
  std::vector<Computed> values;
  for (int i = 0; i < part.of_size(); ++i) {
    absl::StatusOr<Computed> value = evaluation->Select(part.of(i));
    if (!value.ok()) return absl::InvalidArgumentError(absl::StrCat("of[", i, "]: ", value.status().message()));
    values.push_back(*std::move(value));
  }
  return values;
}

absl::StatusOr<std::shared_ptr<const Slipped>> Plan::Under(int part, const SlipSet& slips) const {
  const std::pair<int, SlipSet> key(part, slips);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = slipped_.find(key);
    if (found != slipped_.end()) return found->second;
  }
  TENSORD_ASSIGN_OR_RETURN(Slipped slipped, Compute(question_.parts(part), slips));
  int64_t elements = kEntryElements;
  for (const Computed& value : slipped.values) elements += ElementCountOf(value);
  auto shared = std::make_shared<const Slipped>(std::move(slipped));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!Keeps(elements)) return shared;
  return slipped_.emplace(key, std::move(shared)).first->second;
}

bool Plan::Keeps(int64_t elements) const {
  if (elements > max_kept_elements_ - kept_elements_) return false;
  kept_elements_ += elements;
  return true;
}

absl::StatusOr<std::shared_ptr<const Evaluation>> Plan::Evaluated(const SlipSet& slips) const {
  SlipSet acting;
  for (const size_t slip : slips) {
    if (Catalogue()[slip].question != nullptr) acting.push_back(slip);
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = evaluations_.find(acting);
    if (found != evaluations_.end()) return found->second;
  }
  v1::Question question = question_;
  bool applies = true;
  for (const size_t slip : acting) applies = Catalogue()[slip].question(question) && applies;
  std::shared_ptr<const Evaluation> made;
  if (applies) {
    absl::StatusOr<Evaluation> evaluation = Evaluation::Run(question, profile_, engine_);
    if (!evaluation.ok() && IsInterruption(evaluation.status())) return evaluation.status();
    if (evaluation.ok()) made = std::make_shared<const Evaluation>(*std::move(evaluation));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!Keeps(kEntryElements + (made == nullptr ? 0 : made->element_count()))) return made;
  return evaluations_.emplace(acting, std::move(made)).first->second;
}

absl::StatusOr<Slipped> Plan::Compute(const v1::Part& part, const SlipSet& slips) const {
  Slipped slipped;
  TENSORD_ASSIGN_OR_RETURN(const std::shared_ptr<const Evaluation> evaluation, Evaluated(slips));
  if (evaluation == nullptr) return slipped;
  // The layers' facts are changed in a copy of their own.
  Evaluation changed = evaluation->Copy();
  std::vector<bool> acted(slips.size());
  for (size_t i = 0; i < slips.size(); ++i) {
    const Slip& slip = Catalogue()[slips[i]];
    acted[i] = slip.question != nullptr;
    if (slip.layer != nullptr) acted[i] = ChangeLayers(question_, slip, changed) || acted[i];
  }
  changed.RestateLayers();
  for (std::string path : part.of()) {
    for (size_t i = 0; i < slips.size(); ++i) {
      const Slip& slip = Catalogue()[slips[i]];
      if (slip.path != nullptr) acted[i] = slip.path(path) || acted[i];
    }
    absl::StatusOr<Computed> value = changed.Select(path);
    if (!value.ok()) return Slipped{};
    for (size_t i = 0; i < slips.size(); ++i) {
      const Slip& slip = Catalogue()[slips[i]];
      if (slip.value != nullptr) acted[i] = slip.value(*value) || acted[i];
    }
    slipped.values.push_back(*std::move(value));
  }
  for (const bool one : acted) {
    if (!one) return Slipped{};
  }
  slipped.applies = true;
  TENSORD_ASSIGN_OR_RETURN(const std::vector<Computed> right, Values(part));
  slipped.differs = slipped.values != right;
  if (!slipped.differs) slipped.values.clear();
  return slipped;
}

std::vector<std::string> Plan::Conventions() const {
  std::vector<std::string> lines;
  const std::shared_ptr<const Evaluation> evaluation = *Evaluated({});
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  for (const v1::Step& step : question_.steps()) {
    const auto response = evaluation->responses().find(step.name());
    if (response == evaluation->responses().end()) continue;
    const Message& message = *response->second;
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const google::protobuf::FieldDescriptor& field = *type.field(i);
      if (field.name().find("conventions") == std::string::npos || field.is_repeated() ||
          field.cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE ||
          !message.GetReflection()->HasField(message, &field)) {
        continue;
      }
      std::string text;
      if (!printer.PrintToString(message.GetReflection()->GetMessage(message, &field), &text)) continue;
      lines.push_back(absl::StrCat(step.name(), ": ", text));
    }
  }
  return lines;
}

}  // namespace tensord::grading
