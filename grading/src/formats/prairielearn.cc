#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "grading/src/formats/json_value.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::Json;

// The platform takes 1 MB; where it counts in powers of 2 that is a little more.
constexpr size_t kMaxBytes = 1'000'000;
constexpr char kCut[] = " [cut]";

// How much of a verdict is written.
struct Extent {
  size_t text_bytes;  // of each text
  int part_count;
};

std::string Text(absl::string_view text, const Extent& extent) {
  // Plain text is never shorter than what it is made of: what would be cut after all need not be made.
  const absl::string_view given = formats::CutText(text, extent.text_bytes);
  const std::string plain = formats::PlainText(given);
  const absl::string_view kept = formats::CutText(plain, extent.text_bytes);
  return given.size() == text.size() && kept.size() == plain.size() ? plain : absl::StrCat(kept, kCut);
}

// A finite number that fits the platform's sums.
Json PointsJson(double points) { return formats::NumberJson(std::isfinite(points) ? points : 0); }

bool NothingIsGradable(const v1::GradedSubmission& submission) {
  return !submission.parts().empty() &&
         std::all_of(submission.parts().begin(), submission.parts().end(),
                     [](const v1::GradedPart& part) { return part.verdict() == v1::OUTCOME_UNGRADABLE; });
}

Json TestJson(const v1::GradedPart& part, const Extent& extent) {
  Json json = {{"name", Text(absl::StrCat(part.id(), ": ", formats::VerdictWord(part.verdict())), extent)},
               {"points", PointsJson(part.points())},
               {"max_points", PointsJson(part.max_points())},
               {"message", Text(formats::FeedbackAndNotes(part), extent)}};
  if (!part.answer().empty()) json["output"] = Text(absl::StrCat("Your answer: ", part.answer()), extent);
  return json;
}

Json ResultJson(const v1::GradedSubmission& submission, const Extent& extent) {
  const bool gradable = !NothingIsGradable(submission);
  Json json = {{"gradable", gradable}};
  if (gradable) json["score"] = formats::Share(submission.score(), submission.max_score());
  const bool is_whole = extent.part_count == submission.parts_size();
  json["message"] = is_whole ? absl::StrCat("Points: ", formats::PointsOf(submission.score(), submission.max_score()))
                             : absl::StrCat("Points: ", formats::PointsOf(submission.score(), submission.max_score()),
                                            ". Only the first ", extent.part_count, " of ", submission.parts_size(),
                                            " parts are shown: the platform takes no more than 1 MB.");
  Json& list = json[gradable ? "tests" : "format_errors"] = Json::array();
  for (int i = 0; i < extent.part_count; ++i) {
    const v1::GradedPart& part = submission.parts(i);
    list.push_back(gradable ? TestJson(part, extent)
                            : Json(Text(absl::StrCat(part.id(), ": ", formats::FeedbackAndNotes(part)), extent)));
  }
  json["receipt"] = {{"engine_version", Text(submission.engine_version(), extent)},
                     {"sha256", Text(submission.sha256(), extent)},
                     {"signature", Text(submission.signature(), extent)}};
  return json;
}

}  // namespace

std::string PrairieLearnReport(const v1::GradedSubmission& submission) {
  // First texts get shorter, then parts fewer; each at half of the last size, so that the work is a small multiple of
  // the size of what is given.
  Extent extent{.text_bytes = 256 * 1024, .part_count = submission.parts_size()};
  while (true) {
    std::string text = formats::JsonText(ResultJson(submission, extent)) + "\n";
    if (text.size() <= kMaxBytes || (extent.text_bytes == 128 && extent.part_count == 0)) return text;
    if (extent.text_bytes > 128) {
      extent.text_bytes /= 2;
    } else {
      extent.part_count /= 2;
    }
  }
}

}  // namespace tensord::grading
