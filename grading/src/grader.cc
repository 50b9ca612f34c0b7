#include "tensord/grading/grader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"
#include "grading/src/audit.h"
#include "grading/src/check.h"
#include "grading/src/diagnosis.h"
#include "grading/src/feedback.h"
#include "grading/src/plan.h"
#include "grading/src/question/generated.h"
#include "grading/src/sorted.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/append.h"

namespace tensord::grading {
namespace {

constexpr size_t kMaxIdBytes = 256;
constexpr size_t kMaxAnswerBytes = 1024;
constexpr int kMaxIgnored = 100;
constexpr size_t kMaxKept = 2000;  // answers, of some kilobytes each

bool IsInterruption(const absl::Status& status) { return !absl::IsInvalidArgument(status); }

// What has been found out about the parts of one submission.
struct Found {
  std::vector<SlipSet> slips;
};

}  // namespace

class Grader::State {
 public:
  State(v1::Assignment assignment, Engine& engine, GraderOptions options)
      : assignment_(std::move(assignment)), engine_(engine), options_(std::move(options)) {}

  absl::Status Prepare(Faults& faults) {
    for (int i = 0; i < assignment_.questions_size(); ++i) {
      TENSORD_RETURN_IF_ERROR(PrepareQuestion(i, faults));
    }
    return absl::OkStatus();
  }

  [[nodiscard]] absl::StatusOr<v1::GradedSubmission> Grade(const v1::Submission& submission) const {
    if (submission.id().empty() || submission.id().size() > kMaxIdBytes) {
      return absl::InvalidArgumentError(absl::StrCat("submission.id: has to have 1 to ", kMaxIdBytes, " bytes"));
    }
    if (!submission.assignment().empty() && submission.assignment() != assignment_.id()) {
      return absl::InvalidArgumentError(absl::StrCat("submission.assignment: was \"",
                                                     Printable(submission.assignment(), 64), "\", has to be \"",
                                                     assignment_.id(), "\""));
    }
    v1::GradedSubmission graded;
    graded.set_id(Printable(submission.id(), kMaxIdBytes));
    graded.set_assignment(assignment_.id());
    graded.set_engine_version(options_.engine_version);
    std::map<std::string, Found> found;
    std::map<std::string, const v1::StudentAnswer*> answers = Sorted(submission.answers());
    for (size_t i = 0; i < questions_.size(); ++i) {
      TENSORD_RETURN_IF_ERROR(GradeQuestion(i, submission, answers, found, graded));
    }
    for (const auto& [part, answer] : answers) {
      if (graded.ignored_size() < kMaxIgnored) Append(*graded.mutable_ignored()) = Printable(part, 64);
    }
    for (const v1::GradedPart& part : graded.parts()) {
      graded.set_score(graded.score() + part.points());
      graded.set_max_score(graded.max_score() + part.max_points());
    }
    return graded;
  }

  [[nodiscard]] absl::StatusOr<std::vector<v1::PartAudit>> Audit() const {
    std::vector<v1::PartAudit> audits;
    for (const Question& question : questions_) {
      for (size_t k = 0; k < question.kinds.size(); ++k) {
        TENSORD_ASSIGN_OR_RETURN(v1::PartAudit audit,
                                 AuditPart(*question.plan, static_cast<int>(k), *question.kinds[k]));
        audits.push_back(std::move(audit));
      }
    }
    return audits;
  }

 private:
  struct Question {
    std::unique_ptr<Plan> plan;  // with data per student: that of a student without an id
    bool per_student = false;
    std::vector<std::unique_ptr<Kind>> kinds;
  };

  absl::Status PrepareQuestion(int i, Faults& faults) {
    const v1::Question& given = assignment_.questions(i);
    const std::string at = absl::StrCat("questions[", i, "]");
    Question question;
    question.per_student = IsPerStudent(given);
    absl::StatusOr<v1::Question> with_data = WithData(given, "");
    absl::Status status = with_data.status();
    if (status.ok()) {
      absl::StatusOr<std::unique_ptr<Plan>> plan =
          Plan::Create(*std::move(with_data), assignment_.profile(), engine_, options_.max_kept_elements);
      status = plan.status();
      if (status.ok()) question.plan = *std::move(plan);
    }
    if (!status.ok()) {
      if (IsInterruption(status)) return Below(at, status);
      AddFault(at, given.id(), status, faults);
      return absl::OkStatus();
    }
    for (int k = 0; k < given.parts_size(); ++k) {
      AddKind(given, given.parts(k), absl::StrCat(at, ".parts[", k, "]"), question, faults);
    }
    questions_.push_back(std::move(question));
    return absl::OkStatus();
  }

  // `status` has the field that it is about before its first colon.
  static void AddFault(const std::string& at, absl::string_view id, const absl::Status& status, Faults& faults) {
    const absl::string_view message = status.message();
    const size_t colon = message.find(": ");
    if (colon == absl::string_view::npos) return faults.Add(at, id, std::string(message));
    faults.Add(absl::StrCat(at, ".", message.substr(0, colon)), id, std::string(message.substr(colon + 2)));
  }

  void AddKind(const v1::Question& given, const v1::Part& part, const std::string& at, Question& question,
               Faults& faults) {
    const std::string id = PartId(given, part);
    absl::StatusOr<std::unique_ptr<Kind>> kind = MakeKind(part);
    if (!kind.ok()) return AddFault(at, id, kind.status(), faults);
    const absl::StatusOr<std::vector<Computed>> values = question.plan->Values(part);
    if (!values.ok()) return AddFault(at, id, values.status(), faults);
    const absl::Status status = (*kind)->Check(*values);
    if (!status.ok()) return AddFault(at, id, status, faults);
    if (!part.check().empty()) {
      v1::StudentAnswer answer;
      answer.set_text(part.check());
      const auto read = (*kind)->Read(answer);
      if (const auto* const unreadable = std::get_if<Unreadable>(&read)) {
        faults.Add(at + ".check", id, absl::StrCat("cannot be read: ", unreadable->reason));
      } else if ((*kind)->Judge(*std::get<0>(read), *values).outcome != v1::OUTCOME_RIGHT) {
        faults.Add(at + ".check", id, absl::StrCat("is not what is computed: ", (*kind)->Text(*values)));
      }
    }
    question.kinds.push_back(*std::move(kind));
  }

  absl::Status GradeQuestion(size_t i, const v1::Submission& submission,
                             std::map<std::string, const v1::StudentAnswer*>& answers,
                             std::map<std::string, Found>& found, v1::GradedSubmission& graded) const {
    const Question& question = questions_[i];
    const Plan* plan = question.plan.get();
    std::unique_ptr<Plan> own;
    if (question.per_student) {
      const std::string& student = submission.student_id().empty() ? submission.id() : submission.student_id();
      TENSORD_ASSIGN_OR_RETURN(v1::Question with_data, WithData(assignment_.questions(static_cast<int>(i)), student));
      TENSORD_ASSIGN_OR_RETURN(
          own, Plan::Create(std::move(with_data), assignment_.profile(), engine_, options_.max_kept_elements));
      plan = own.get();
    }
    for (const std::string& line : plan->Conventions())
      Append(*graded.mutable_conventions()) = absl::StrCat(plan->question().id(), ".", line);
    for (int k = 0; k < plan->question().parts_size(); ++k) {
      const v1::Part& part = plan->question().parts(k);
      const std::string id = PartId(plan->question(), part);
      v1::GradedPart& out = Append(*graded.mutable_parts());
      out.set_id(id);
      out.set_max_points(part.has_points() ? part.points() : 1);
      const auto answer = answers.find(id);
      const v1::StudentAnswer* const given = answer == answers.end() ? nullptr : answer->second;
      if (given != nullptr) answers.erase(answer);
      TENSORD_RETURN_IF_ERROR(GradePart(question, *plan, k, given, found, out));
    }
    return absl::OkStatus();
  }

  // Classes give the same answers again and again: what became of one is kept, unless it depends on other answers or on
  // the student.
  absl::Status GradePart(const Question& question, const Plan& plan, int k, const v1::StudentAnswer* answer,
                         std::map<std::string, Found>& found, v1::GradedPart& out) const {
    const v1::Part& part = plan.question().parts(k);
    const Kind& kind = *question.kinds[static_cast<size_t>(k)];
    const bool is_kept = answer != nullptr && answer->has_text() && answer->text().size() <= kMaxAnswerBytes &&
                         part.follow_from().empty() && !question.per_student;
    if (!is_kept) return JudgePart(plan, k, kind, answer, found, out);
    const std::string id = PartId(plan.question(), part);
    const std::pair<std::string, std::string> key(id, answer->text());
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (const auto kept = kept_.find(key); kept != kept_.end()) {
        out = kept->second.part;
        found[id] = kept->second.found;
        return absl::OkStatus();
      }
    }
    TENSORD_RETURN_IF_ERROR(JudgePart(plan, k, kind, answer, found, out));
    const std::lock_guard<std::mutex> lock(mutex_);
    if (kept_.size() < kMaxKept) kept_.emplace(key, Kept{out, found[id]});
    return absl::OkStatus();
  }

  absl::Status JudgePart(const Plan& plan, int k, const Kind& kind, const v1::StudentAnswer* answer,
                         std::map<std::string, Found>& found, v1::GradedPart& out) const {
    const v1::Part& part = plan.question().parts(k);
    Findings findings;
    out.set_verdict(v1::OUTCOME_UNGRADABLE);
    if (answer == nullptr || answer->answer_case() == v1::StudentAnswer::ANSWER_NOT_SET ||
        (answer->has_text() && absl::StripAsciiWhitespace(answer->text()).empty())) {
      findings.unreadable = "there is no answer";
      Tell(findings, LevelOf(part), out);
      return absl::OkStatus();
    }
    if (answer->has_text()) out.set_answer(Printable(answer->text(), kMaxAnswerBytes));
    if (answer->has_tensor()) {
      const std::vector<int64_t> shape(answer->tensor().shape().begin(), answer->tensor().shape().end());
      out.set_answer(absl::StrCat("a tensor of the shape ", CellText(shape)));
    }
    if (answer->has_file()) findings.unreadable = "the file's contents were not sent";
    const auto read = kind.Read(*answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&read)) {
      if (findings.unreadable.empty()) {
        findings.unreadable =
            absl::StrCat(unreadable->reason, unreadable->remedy.empty() ? "" : "; ", unreadable->remedy);
      }
      Tell(findings, LevelOf(part), out);
      return absl::OkStatus();
    }
    const ReadAnswer& said = *std::get<0>(read);
    TENSORD_ASSIGN_OR_RETURN(const std::vector<Computed> values, plan.Values(part));
    findings.judgement = kind.Judge(said, values);
    findings.right_answer = kind.Text(values);
    // A formula's author may have said one, which was found to be right.
    if (findings.right_answer.empty()) findings.right_answer = part.check();
    out.set_verdict(findings.judgement.outcome);
    double share = findings.judgement.outcome == v1::OUTCOME_RIGHT ? 1 : 0;
    if (findings.judgement.outcome == v1::OUTCOME_BORDERLINE) {
      share = part.has_borderline_credit() ? part.borderline_credit() : 1;
    }
    if (findings.judgement.outcome == v1::OUTCOME_WRONG) {
      TENSORD_ASSIGN_OR_RETURN(share, Explain(plan, k, kind, said, found, findings));
    }
    out.set_points(share * out.max_points());
    Tell(findings, LevelOf(part), out);
    return absl::OkStatus();
  }

  // Finds what went wrong; returns the share of the points that it gets all the same.
  absl::StatusOr<double> Explain(const Plan& plan, int k, const Kind& kind, const ReadAnswer& said,
                                 std::map<std::string, Found>& found, Findings& findings) const {
    const v1::Part& part = plan.question().parts(k);
    std::vector<SlipSet> slips;
    if (kind.uses_values()) {
      TENSORD_ASSIGN_OR_RETURN(slips, Diagnose(plan, k, kind, said, options_.max_pairs));
    }
    KeepCarried(part, found, slips);
    for (const SlipSet& set : slips) findings.slips.push_back(Describe(set));
    if (findings.slips.empty()) {
      findings.are_alternatives = false;
      for (const auto& [id, text] : findings.judgement.slips) findings.slips.push_back(Describe(id, text));
    }
    double share = Proportion(part, findings.judgement);
    for (const v1::SlipFound& slip : findings.slips) share = std::max(share, CreditOf(part, slip.id()));
    for (const std::string& earlier : part.follow_from()) {
      for (const SlipSet& set : found[earlier].slips) {
        TENSORD_ASSIGN_OR_RETURN(const bool carried, IsRightUnder(plan, k, kind, said, set));
        if (!carried) continue;
        findings.carried_from = earlier;
        share = 1;
      }
    }
    found[PartId(plan.question(), part)].slips = std::move(slips);
    return share;
  }

  // Of explanations with a slip that was made in a part that this one follows from, only those are left.
  static void KeepCarried(const v1::Part& part, std::map<std::string, Found>& found, std::vector<SlipSet>& slips) {
    std::vector<SlipSet> carried;
    for (const SlipSet& set : slips) {
      const bool is_carried =
          std::any_of(part.follow_from().begin(), part.follow_from().end(), [&](const std::string& id) {
            const std::vector<SlipSet>& earlier = found[id].slips;
            return std::any_of(earlier.begin(), earlier.end(), [&](const SlipSet& other) {
              return std::includes(set.begin(), set.end(), other.begin(), other.end());
            });
          });
      if (is_carried) carried.push_back(set);
    }
    if (!carried.empty()) slips = std::move(carried);
  }

  static double Proportion(const v1::Part& part, const Judgement& judgement) {
    if (part.partial_credit() != v1::PARTIAL_CREDIT_PROPORTIONAL || !judgement.difference.has_value()) return 0;
    const auto all = static_cast<double>(judgement.difference->element_count());
    const auto wrong = static_cast<double>(judgement.difference->differing_count());
    return all > 0 && wrong <= all ? (all - wrong) / all : 0;
  }

  // The credit for a slip; of a pair the smaller one.
  [[nodiscard]] double CreditOf(const v1::Part& part, const std::string& id) const {
    double credit = 1;
    for (size_t begin = 0; begin <= id.size();) {
      const size_t end = std::min(id.find('+', begin), id.size());
      const std::string one = id.substr(begin, end - begin);
      double share = 0;
      if (const auto own = part.slip_credit().find(one); own != part.slip_credit().end()) {
        share = own->second;
      } else if (const auto general = assignment_.slip_credit().find(one); general != assignment_.slip_credit().end()) {
        share = general->second;
      }
      credit = std::min(credit, share);
      begin = end + 1;
    }
    return credit;
  }

  [[nodiscard]] std::string TextOf(const std::string& id, absl::string_view text) const {
    const auto own = assignment_.slip_texts().find(id);
    return own == assignment_.slip_texts().end() ? std::string(text) : Printable(own->second, 4096);
  }

  [[nodiscard]] v1::SlipFound Describe(const std::string& id, const std::string& text) const {
    v1::SlipFound slip;
    slip.set_id(id);
    slip.set_text(TextOf(id, text));
    return slip;
  }

  [[nodiscard]] v1::SlipFound Describe(const SlipSet& set) const {
    std::vector<std::string> ids;
    std::vector<std::string> texts;
    for (const size_t slip : set) {
      ids.emplace_back(Catalogue()[slip].id);
      texts.push_back(TextOf(ids.back(), Catalogue()[slip].text));
    }
    v1::SlipFound found;
    found.set_id(absl::StrJoin(ids, "+"));
    found.set_text(absl::StrJoin(texts, "; and "));
    return found;
  }

  [[nodiscard]] v1::HintLevel LevelOf(const v1::Part& part) const {
    if (part.hint_level() != v1::HINT_LEVEL_UNSPECIFIED) return part.hint_level();
    return assignment_.hint_level() != v1::HINT_LEVEL_UNSPECIFIED ? assignment_.hint_level() : v1::HINT_LEVEL_WHAT;
  }

  const v1::Assignment assignment_;
  Engine& engine_;
  const GraderOptions options_;
  std::vector<Question> questions_;

  // What became of an answer.
  struct Kept {
    v1::GradedPart part;
    Found found;
  };
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::string, std::string>, Kept> kept_;  // by part and text; guarded by mutex_
};

absl::StatusOr<Grader::Made> Grader::Create(const v1::Assignment& assignment, Engine& engine,
                                            const GraderOptions& options) {
  Made made;
  Faults faults;
  CheckAssignment(assignment, faults);
  auto state = std::make_unique<State>(assignment, engine, options);
  // What is no assignment at all is not computed.
  if (faults.empty()) TENSORD_RETURN_IF_ERROR(state->Prepare(faults));
  if (!faults.empty()) {
    made.faults = faults.Take();
    return made;
  }
  made.grader = std::unique_ptr<Grader>(new Grader(std::move(state)));
  return made;
}

Grader::Grader(std::unique_ptr<const State> state) : state_(std::move(state)) {}

Grader::~Grader() = default;

absl::StatusOr<v1::GradedSubmission> Grader::Grade(const v1::Submission& submission) const {
  return state_->Grade(submission);
}

absl::StatusOr<std::vector<v1::PartAudit>> Grader::Audit() const { return state_->Audit(); }

}  // namespace tensord::grading
