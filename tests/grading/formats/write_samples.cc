// Writes every report of the sample verdicts into a folder, for the tests that are not in C++.
//
//   write_samples FOLDER
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tensord/grading/formats.h"
#include "tests/grading/formats/sample.h"

namespace tensord::grading {
namespace {

bool Write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return static_cast<bool>(file.flush());
}

// Texts and parts beyond what PrairieLearn takes.
v1::GradedSubmission ABigSubmission() {
  v1::GradedSubmission submission = sample::ASubmission("big");
  for (int i = 0; i < 20000; ++i) {
    *submission.add_parts() = sample::WrongPart(absl::StrCat("q", i), std::string(1000, i % 2 == 0 ? '\x01' : 'x'));
  }
  return submission;
}

// Control characters of all kinds, and bytes that are no UTF-8.
v1::GradedSubmission AnOddSubmission() {
  std::string odd;
  for (int byte = 1; byte < 256; ++byte) odd += static_cast<char>(byte);
  v1::GradedSubmission submission = sample::ASubmission("odd ]]> \xef\xbf\xbf");
  submission.mutable_parts(1)->set_answer(odd);
  submission.mutable_parts(1)->set_feedback(absl::StrCat("]]>", odd, "\xed\xa0\x80"));
  return submission;
}

bool WriteAll(const std::string& folder) {
  const v1::Assignment assignment = sample::AnAssignment();
  const std::vector<v1::GradedSubmission> all = sample::AClass();
  const std::vector<v1::GradedSubmission> odd = {AnOddSubmission()};
  bool done = Write(absl::StrCat(folder, "/report.json"), JsonReport(assignment, all)) &&
              Write(absl::StrCat(folder, "/report.html"), HtmlReport(assignment, all)) &&
              Write(absl::StrCat(folder, "/class.html"), ClassReport(assignment, all)) &&
              Write(absl::StrCat(folder, "/junit.xml"), JUnitReport(assignment, all)) &&
              Write(absl::StrCat(folder, "/junit-odd.xml"), JUnitReport(assignment, odd)) &&
              Write(absl::StrCat(folder, "/junit-none.xml"), JUnitReport(assignment, {})) &&
              Write(absl::StrCat(folder, "/grades.csv"), CsvReport(assignment, all));
  const auto write_each = [&](const std::string& name, const v1::GradedSubmission& submission) {
    return Write(absl::StrCat(folder, "/gradescope-", name, ".json"), GradescopeReport(submission)) &&
           Write(absl::StrCat(folder, "/prairielearn-", name, ".json"), PrairieLearnReport(submission)) &&
           Write(absl::StrCat(folder, "/autolab-", name, ".txt"), AutolabReport(submission));
  };
  done = done && write_each("mixed", all[0]) && write_each("right", all[1]) && write_each("ungradable", all[2]);
  return done && write_each("odd", odd[0]) && write_each("big", ABigSubmission()) && write_each("empty", {});
}

}  // namespace
}  // namespace tensord::grading

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_samples FOLDER\n";
    return 2;
  }
  return tensord::grading::WriteAll(argv[1]) ? 0 : 1;
}
