#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/batch/progress_bar.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/flags/flag.h"
#include "client/cli/grading/faults.h"
#include "client/cli/grading/formats.h"
#include "client/cli/grading/reports.h"
#include "client/cli/io/file.h"
#include "client/cli/message_file/load.h"
#include "client/cli/status_macros.h"
#include "client/cli/terminal.h"
#include "client/cli/text.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::cli {
namespace {

constexpr int kPageWidth = 120;

bool IsWrong(const v1::GradedPart& part) {
  return part.verdict() == v1::OUTCOME_WRONG || part.verdict() == v1::OUTCOME_UNGRADABLE;
}

class Grade : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* const command = app.add_subcommand("grade", "Grade students' answers to an assignment");
    command->add_option("ASSIGNMENT", assignment_file_, "A file with the questions")->type_name("");
    command->add_option("SUBMISSION", submission_files_, "Files with one student's answers each. -: standard input")
        ->type_name("");
    out_.Declare(*command, "--out", "DIR", "Write the reports into this folder instead of printing them");
    command->add_flag("--fail-on-wrong", fail_on_wrong_, "Exit with 1 where an answer is wrong or cannot be graded");
    command->add_flag("--allow-outside", allow_outside_, "Read files that are named outside the folder too");
    command->footer(
        R"(docs/grading/assignments.md says how the files are written: YAML, JSON or protobuf's text format. A wrong answer is a
verdict and no error: the exit code is 0, unless --fail-on-wrong says otherwise.

Examples:
  tensorctl grade homework10/assignment.yaml homework10/student.yaml
  tensorctl grade assignment.yaml answers/*.yaml --format json --out reports)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    if (assignment_file_.empty()) return absl::InvalidArgumentError("ASSIGNMENT: it is missing\nexpected: a file");
    if (submission_files_.empty()) return absl::InvalidArgumentError("SUBMISSION: it is missing\nexpected: files");
    const auto streams = std::count(submission_files_.begin(), submission_files_.end(), "-");
    if (streams + (assignment_file_ == "-" ? 1 : 0) > 1) {
      return absl::InvalidArgumentError("SUBMISSION: standard input is named twice\nexpected: it once, and files");
    }
    TENSORCTL_RETURN_IF_ERROR(message_file::LoadMessage(assignment_file_, source.standard_input(), assignment_,
                                                        {.allow_outside = allow_outside_, .lines = &lines_}));
    for (const std::string& file : submission_files_) {
      TENSORCTL_RETURN_IF_ERROR(message_file::LoadMessage(file, source.standard_input(), submissions_.emplace_back(),
                                                          {.allow_outside = allow_outside_}));
    }
    return CheckOut();
  }

  absl::StatusOr<int> Run(Context& context) override {
    Graded graded;
    TENSORCTL_RETURN_IF_ERROR(submissions_.size() == 1 ? GradeOne(context, graded) : GradeAll(context, graded));
    if (!graded.faults.empty()) {
      const Style style(context.flags().color(/*descriptor=*/2));
      context.err() << FaultsText(assignment_file_, lines_, graded.faults, style);
      return kExitFailed;
    }
    TENSORCTL_RETURN_IF_ERROR(Deliver(graded.submissions, context));
    const bool any_wrong =
        std::any_of(graded.submissions.begin(), graded.submissions.end(), [](const v1::GradedSubmission& submission) {
          return std::any_of(submission.parts().begin(), submission.parts().end(), IsWrong);
        });
    return fail_on_wrong_ && any_wrong ? kExitFailed : kExitDone;
  }

  std::vector<std::string> more_formats() const override { return MoreGradeFormats(); }

 private:
  // Finds before anything is graded whether the reports can be written.
  absl::Status CheckOut() const {
    if (!out_.given()) return absl::OkStatus();
    std::error_code error;
    std::filesystem::create_directories(out_.value(), error);
    if (!error && std::filesystem::is_directory(out_.value(), error)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("--out: ", Escape(out_.value()), " cannot be made\nexpected: a folder, or the name of a new one"));
  }

  struct Graded {
    std::vector<v1::GradedSubmission> submissions;
    google::protobuf::RepeatedPtrField<v1::AssignmentFault> faults;
  };

  absl::Status GradeOne(Context& context, Graded& graded) {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    v1::GradeSubmissionRequest request;
    *request.mutable_assignment() = assignment_;
    *request.mutable_submission() = std::move(submissions_.front());
    TENSORCTL_ASSIGN_OR_RETURN(v1::GradeSubmissionResponse response,
                               caller->Call(&client::ClientInterface::GradeSubmissionAsync, std::move(request)));
    graded.faults = std::move(*response.mutable_faults());
    graded.submissions.push_back(std::move(*response.mutable_graded()));
    return absl::OkStatus();
  }

  // On one stream, the assignment once.
  absl::Status GradeAll(Context& context, Graded& graded) {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    ProgressBar bar(context.shows_progress() ? &context.err() : nullptr);
    graded.submissions.resize(submissions_.size());
    BatchCounts counts;
    absl::Status first_error;
    size_t sent = 0;
    const auto next = [&](v1::Submission& submission) {
      if (sent == submissions_.size()) return false;
      submission = std::move(submissions_[sent++]);
      return true;
    };
    const auto take = [&](const v1::StreamGradeSubmissionsResponse& response) {
      const auto place = static_cast<size_t>(response.index());
      if (place == 0) {
        graded.faults = response.faults();
        if (!response.error().empty()) first_error = absl::UnavailableError(response.error());
        return;
      }
      ++counts.done;
      if (!response.error().empty()) {
        ++counts.failed;
        // Of several files, an error has to say which.
        const std::string& file = submission_files_[std::min(place, submission_files_.size()) - 1];
        if (first_error.ok())
          first_error = absl::InvalidArgumentError(absl::StrCat(Escape(file), ": ", response.error()));
      } else if (place <= graded.submissions.size()) {
        graded.submissions[place - 1] = response.graded();
      }
      bar.Show(counts, static_cast<double>(counts.done) / static_cast<double>(graded.submissions.size()));
    };
    const absl::Status status = caller->GradeClass(assignment_, next, take);
    bar.Clear();
    TENSORCTL_RETURN_IF_ERROR(status);
    return graded.faults.empty() ? first_error : absl::OkStatus();
  }

  [[nodiscard]] GradeTextOptions TextOptions(const Context& context) const {
    if (out_.given()) return {.width = kPageWidth, .color = false};
    return {.width = static_cast<int>(TextWidth()), .color = context.flags().color(STDOUT_FILENO)};
  }

  absl::Status Deliver(const std::vector<v1::GradedSubmission>& graded, Context& context) const {
    const GradeFormat* const format = FindGradeFormat(context.flags().format());
    if (format == nullptr) return absl::InternalError(absl::StrCat("no format ", context.flags().format()));
    if (!out_.given() && format->is_of_one && graded.size() > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--format ", format->name, " is about one submission; give --out DIR for one file each"));
    }
    TENSORCTL_ASSIGN_OR_RETURN(const std::vector<NamedReport> reports,
                               MakeReports(assignment_, graded, submission_files_, *format, TextOptions(context)));
    for (const NamedReport& report : reports) {
      if (!out_.given()) {
        context.out() << report.text;
        continue;
      }
      const std::string path = absl::StrCat(out_.value(), "/", report.name);
      const absl::Status written = WriteWholeFile(path, report.text);
      if (!written.ok()) return absl::Status(written.code(), absl::StrCat(Escape(path), ": ", written.message()));
    }
    return absl::OkStatus();
  }

  std::string assignment_file_;
  std::vector<std::string> submission_files_;
  Flag out_;
  bool fail_on_wrong_ = false;
  bool allow_outside_ = false;
  message_file::FieldLines lines_;
  v1::Assignment assignment_;
  std::vector<v1::Submission> submissions_;
};

}  // namespace

std::unique_ptr<Command> MakeGrade() { return std::make_unique<Grade>(); }

}  // namespace tensord::cli
