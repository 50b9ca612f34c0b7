#include "client/cli/model_file/sharing.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::cli::model_file {

std::string Describe(const std::vector<Parameter>& parameters) {
  constexpr size_t kShown = 8;
  if (parameters.empty()) return "no parameters";
  std::string text;
  for (size_t i = 0; i < parameters.size() && i < kShown; ++i) {
    const std::string sizes = absl::StrJoin(parameters[i].shape, ",", [](std::string* out, int64_t size) {
      absl::StrAppend(out, size == kOpenSize ? "open" : absl::StrCat(size));
    });
    const bool is_last = i + 1 == parameters.size();
    absl::StrAppend(&text, i == 0 ? "" : is_last ? " and " : ", ", parameters[i].part, " [", sizes, "]");
  }
  if (parameters.size() > kShown) absl::StrAppend(&text, " and ", parameters.size() - kShown, " more");
  return text;
}

std::string ParameterSource::Take(Builder& builder, absl::string_view name, absl::string_view part,
                                  const std::vector<int64_t>& shape) {
  Parameter parameter{.name = "", .part = std::string(part), .shape = shape};
  if (shared_ == nullptr) {
    parameter.name = builder.AddParameter(name, shape);
  } else if (taken_.size() < shared_->size() && (*shared_)[taken_.size()].shape == shape) {
    parameter.name = (*shared_)[taken_.size()].name;
  }
  taken_.push_back(parameter);
  return parameter.name;
}

ParameterList ParameterSource::taken() const { return std::make_shared<const std::vector<Parameter>>(taken_); }

bool ParameterSource::fits() const {
  if (shared_ == nullptr) return true;
  if (shared_->size() != taken_.size()) return false;
  for (size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i].shape != (*shared_)[i].shape) return false;
  }
  return true;
}

ParameterList NextOf(Iteration* innermost) {
  for (Iteration* in = innermost; in != nullptr; in = in->around) {
    if (in->is_first) continue;
    return in->next < in->layers.size() ? in->layers[in->next++] : nullptr;
  }
  return nullptr;
}

void Note(Iteration* innermost, const ParameterList& taken) {
  for (Iteration* in = innermost; in != nullptr && in->is_first; in = in->around) in->layers.push_back(taken);
}

}  // namespace tensord::cli::model_file
