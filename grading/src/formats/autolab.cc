#include "grading/src/formats/json_value.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {

std::string AutolabReport(const v1::GradedSubmission& submission) {
  using formats::Json;
  Json scores = Json::object();
  for (const v1::GradedPart& part : submission.parts()) {
    Json points = formats::NumberJson(part.points());
    scores[part.id()] = points.is_null() ? Json(0) : std::move(points);
  }
  return formats::JsonText({{"scores", std::move(scores)}}) + "\n";
}

}  // namespace tensord::grading
