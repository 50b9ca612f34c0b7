#include "client/cli/grading/formats.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/number.h"
#include "client/cli/proto_json.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// A line for each part, with what students are told of it.
std::string Text(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  std::string text;
  for (const v1::GradedSubmission& submission : submissions) {
    absl::StrAppend(&text, Escape(assignment.title().empty() ? assignment.id() : assignment.title()), ", ",
                    Escape(submission.id()), ": ", NumberText(submission.score()), " of ",
                    NumberText(submission.max_score()), "\n");
    for (const v1::GradedPart& part : submission.parts()) {
      const std::string verdict = ShortName(*v1::Outcome_descriptor()->FindValueByNumber(
          v1::Outcome_IsValid(part.verdict()) ? part.verdict() : v1::OUTCOME_UNSPECIFIED));
      absl::StrAppend(&text, "  ", Escape(part.id()), "  ", verdict, "  ", NumberText(part.points()), " of ",
                      NumberText(part.max_points()), part.feedback().empty() ? "" : "  ", Escape(part.feedback()),
                      "\n");
    }
    for (const std::string& ignored : submission.ignored()) {
      absl::StrAppend(&text, "  ", Escape(ignored), "  is no part of the assignment, and was ignored\n");
    }
  }
  return text;
}

std::string Json(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  nlohmann::ordered_json json = {{"assignment", assignment.id()}, {"submissions", nlohmann::ordered_json::array()}};
  for (const v1::GradedSubmission& submission : submissions) {
    nlohmann::ordered_json& one = json["submissions"].emplace_back(ProtoJson(submission, /*zeros=*/true));
    // A part without points says so.
    one["parts"] = nlohmann::ordered_json::array();
    for (const v1::GradedPart& part : submission.parts()) one["parts"].push_back(ProtoJson(part, /*zeros=*/true));
  }
  return json.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

constexpr GradeFormat kFormats[] = {
    {.name = "text", .ending = ".txt", .is_of_one = false, .write = Text},
    {.name = "json", .ending = ".json", .is_of_one = false, .write = Json},
};

}  // namespace

const GradeFormat* FindGradeFormat(absl::string_view name) {
  for (const GradeFormat& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::vector<std::string> MoreGradeFormats() {
  std::vector<std::string> names;
  for (const GradeFormat& format : kFormats) {
    if (format.name != "text" && format.name != "json") names.emplace_back(format.name);
  }
  return names;
}

}  // namespace tensord::cli
