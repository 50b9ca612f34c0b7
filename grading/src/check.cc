#include "grading/src/check.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grading/src/question/evaluation.h"
#include "grading/src/question/value.h"
#include "grading/src/sorted.h"
#include "tensord/grading/grader.h"

namespace tensord::grading {
namespace {

constexpr int kMaxQuestions = 1000;
constexpr int kMaxParts = 100;
constexpr int kMaxSteps = 100;

bool IsId(absl::string_view id, size_t most) {
  if (id.empty() || id.size() > most) return false;
  for (const char c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

bool IsName(absl::string_view name) {
  if (name.empty() || name.size() > 32 || !absl::ascii_isalpha(static_cast<unsigned char>(name.front()))) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

class Checker {
 public:
  Checker(const v1::Assignment& assignment, Faults& faults) : assignment_(assignment), faults_(faults) {
    for (const SlipDescription& slip : AllSlips()) slips_.insert(slip.id);
  }

  void Run() {
    if (!IsId(assignment_.id(), 64)) {
      faults_.Add("id", "", "has to be 1 to 64 letters, digits, '-', '_' and '.'");
    }
    CheckCredit(assignment_.slip_credit(), "slip_credit", "");
    for (const auto& [slip, text] : Sorted(assignment_.slip_texts())) CheckSlip(slip, "slip_texts", "");
    if (assignment_.questions().empty()) faults_.Add("questions", "", "is missing, has to have at least one");
    if (assignment_.questions_size() > kMaxQuestions) {
      faults_.Add("questions", "",
                  absl::StrCat("was ", assignment_.questions_size(), ", has to be at most ", kMaxQuestions));
      return;
    }
    for (int i = 0; i < assignment_.questions_size(); ++i) CheckQuestion(i);
  }

 private:
  using Credit = google::protobuf::Map<std::string, double>;

  void CheckSlip(const std::string& slip, absl::string_view field, absl::string_view part) {
    if (slips_.count(slip) > 0) return;
    faults_.Add(absl::StrCat(field, "[", slip.substr(0, 64), "]"), part,
                "is no slip of the catalogue, which is in docs/grading/slips.md");
  }

  void CheckCredit(const Credit& credit, absl::string_view field, absl::string_view part) {
    for (const auto& [slip, given] : Sorted(credit)) {
      const double share = *given;
      CheckSlip(slip, field, part);
      if (std::isfinite(share) && share >= 0 && share <= 1) continue;
      faults_.Add(absl::StrCat(field, "[", slip.substr(0, 64), "]"), part,
                  absl::StrCat("was ", NumberText(share), ", has to be from 0 to 1"));
    }
  }

  void CheckQuestion(int i) {
    const v1::Question& question = assignment_.questions(i);
    const std::string at = absl::StrCat("questions[", i, "]");
    const std::string& id = question.id();
    if (!IsId(id, 32)) {
      faults_.Add(at + ".id", id, "has to be 1 to 32 letters, digits, '-', '_' and '.'");
    } else if (!questions_.insert(id).second) {
      faults_.Add(at + ".id", id, "is another question's too, has to be unique");
    }
    if (question.parts().empty()) faults_.Add(at + ".parts", id, "is missing, has to have at least one");
    if (question.parts_size() > kMaxParts || question.steps_size() > kMaxSteps) {
      faults_.Add(at, id, absl::StrCat("has to have at most ", kMaxParts, " parts and ", kMaxSteps, " steps"));
      return;
    }
    std::set<std::string> names;
    for (const auto& [name, datum] : Sorted(question.data())) {
      const std::string field = absl::StrCat(at, ".data[", name.substr(0, 64), "]");
      if (!IsName(name)) faults_.Add(field, id, "has to be a letter and then letters, digits and '_', at most 32");
      names.insert(name);
      CheckDatum(*datum, field, id);
    }
    std::set<std::string> used;
    CheckSteps(question, at, names, used);
    for (int k = 0; k < question.parts_size(); ++k) {
      CheckPart(question, question.parts(k), absl::StrCat(at, ".parts[", k, "]"), used);
    }
    for (const auto& [name, datum] : Sorted(question.data())) {
      if (used.count(name) == 0) {
        faults_.Add(absl::StrCat(at, ".data[", name.substr(0, 64), "]"), id, "is used by no step and no part");
      }
    }
  }

  void CheckDatum(const v1::Datum& datum, const std::string& field, const std::string& id) {
    if (datum.has_file()) {
      faults_.Add(field + ".file", id, "files are read by the client, which has to send their contents");
    } else if (datum.source_case() == v1::Datum::SOURCE_NOT_SET) {
      faults_.Add(field, id, "has no source, has to have a tensor or to be generated");
    } else if (datum.has_tensor()) {
      const absl::StatusOr<TensorValue> value = TensorValueOf(datum.tensor());
      if (!value.ok()) faults_.Add(field + ".tensor", id, std::string(value.status().message()));
    }
  }

  void CheckSteps(const v1::Question& question, const std::string& at, std::set<std::string>& names,
                  std::set<std::string>& used) {
    for (int k = 0; k < question.steps_size(); ++k) {
      const v1::Step& step = question.steps(k);
      const std::string field = absl::StrCat(at, ".steps[", k, "]");
      if (!IsName(step.name())) {
        faults_.Add(field + ".name", question.id(), "has to be a letter and then letters, digits and '_', at most 32");
      } else if (!names.insert(step.name()).second) {
        faults_.Add(field + ".name", question.id(), "is the name of data or of an earlier step too");
      }
      if (OperationOf(step) == nullptr) faults_.Add(field, question.id(), "has no operation");
      for (const auto& [name, path] : step.tensors()) used.insert(FirstOf(path));
    }
  }

  void CheckPart(const v1::Question& question, const v1::Part& part, const std::string& at,
                 std::set<std::string>& used) {
    const std::string id = PartId(question, part);
    if (!IsId(part.id(), 32)) {
      faults_.Add(at + ".id", id, "has to be 1 to 32 letters, digits, '-', '_' and '.'");
    }
    if (part.has_points() && (!std::isfinite(part.points()) || part.points() < 0 || part.points() > 1e9)) {
      faults_.Add(at + ".points", id, absl::StrCat("was ", NumberText(part.points()), ", has to be from 0 to 1e9"));
    }
    if (part.has_borderline_credit() && !(part.borderline_credit() >= 0 && part.borderline_credit() <= 1)) {
      faults_.Add(at + ".borderline_credit", id, "has to be from 0 to 1");
    }
    CheckCredit(part.slip_credit(), at + ".slip_credit", id);
    for (int i = 0; i < part.follow_from_size(); ++i) {
      if (parts_.count(part.follow_from(i)) > 0) continue;
      faults_.Add(
          absl::StrCat(at, ".follow_from[", i, "]"), id,
          absl::StrCat("was \"", part.follow_from(i).substr(0, 64), "\", has to be an earlier part's id, as 3a"));
    }
    if (!parts_.insert(id).second) faults_.Add(at + ".id", id, "is another part's too, has to be unique");
    for (const std::string& path : part.of()) used.insert(FirstOf(path));
    const bool needs_none = part.has_choice() || part.has_formula();
    if (part.of().empty() && !needs_none)
      faults_.Add(at + ".of", id, "is missing, has to name the value that is asked for");
  }

  static std::string FirstOf(const std::string& path) { return path.substr(0, path.find('.')); }

  const v1::Assignment& assignment_;
  Faults& faults_;
  std::set<std::string> slips_;
  std::set<std::string> questions_;
  std::set<std::string> parts_;
};

}  // namespace

void Faults::Add(std::string field, absl::string_view part, std::string description) {
  if (faults_.size() >= kMaxFaults) return;
  v1::AssignmentFault& fault = faults_.emplace_back();
  fault.set_field(std::move(field));
  fault.set_part(std::string(part.substr(0, 64)));
  fault.set_description(std::move(description));
}

void CheckAssignment(const v1::Assignment& assignment, Faults& faults) { Checker(assignment, faults).Run(); }

std::string PartId(const v1::Question& question, const v1::Part& part) { return question.id() + part.id(); }

}  // namespace tensord::grading
