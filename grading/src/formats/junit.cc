#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grading/src/formats/text.h"
#include "grading/src/formats/verdict.h"
#include "tensord/grading/formats.h"

namespace tensord::grading {
namespace {

using formats::Character;

// XML 1.0, section 2.2 (https://www.w3.org/TR/xml/#charsets): everything else may not be in a document, not even as a
// reference.
bool IsXml(const Character& character) {
  const uint32_t code = character.code;
  return character.is_valid && (code == 0x9 || code == 0xa || code == 0xd || code >= 0x20) && code != 0xfffe &&
         code != 0xffff;
}

// For text and for attributes in quotes; what XML forbids becomes U+FFFD. Newlines and tabs are references, as an
// attribute's would be read as spaces, and a carriage return is read as a newline anywhere.
std::string XmlText(absl::string_view text) {
  std::string xml;
  for (size_t i = 0; i < text.size();) {
    const Character character = formats::CharacterAt(text, i);
    const absl::string_view bytes = text.substr(i, character.length);
    i += character.length;
    if (!IsXml(character)) {
      xml += "\xef\xbf\xbd";
    } else if (character.code < 0x20 || character.code == 0x7f || absl::StrContains("&<>\"'", bytes)) {
      absl::StrAppendFormat(&xml, "&#%u;", character.code);
    } else {
      absl::StrAppend(&xml, bytes);
    }
  }
  return xml;
}

std::string Attribute(const char* name, absl::string_view value) {
  return absl::StrCat(" ", name, "=\"", XmlText(value), "\"");
}

std::string Counts(size_t tests, size_t failures) {
  return absl::StrCat(" tests=\"", tests, "\" failures=\"", failures, "\" errors=\"0\"");
}

size_t FailureCount(const v1::GradedSubmission& submission) {
  return static_cast<size_t>(std::count_if(submission.parts().begin(), submission.parts().end(),
                                           [](const v1::GradedPart& part) { return !formats::Passed(part); }));
}

std::string Property(const char* name, absl::string_view value) {
  if (value.empty()) return "";
  return absl::StrCat("      <property", Attribute("name", name), Attribute("value", value), "/>\n");
}

std::string Properties(const v1::GradedSubmission& submission) {
  std::string xml = "    <properties>\n";
  absl::StrAppend(&xml, Property("assignment", submission.assignment()),
                  Property("score", formats::PointsText(submission.score())),
                  Property("max_score", formats::PointsText(submission.max_score())),
                  Property("engine_version", submission.engine_version()), Property("sha256", submission.sha256()),
                  Property("signature", submission.signature()));
  for (const std::string& convention : submission.conventions()) xml += Property("convention", convention);
  for (const std::string& ignored : submission.ignored()) xml += Property("ignored", ignored);
  return xml + "    </properties>\n";
}

std::string TestCase(const v1::GradedSubmission& submission, const v1::GradedPart& part) {
  std::string xml =
      absl::StrCat("    <testcase", Attribute("classname", submission.id()), Attribute("name", part.id()), ">\n");
  if (!formats::Passed(part)) {
    const char* const verdict = formats::VerdictWord(part.verdict());
    const std::string message =
        absl::StrCat(verdict, ", ", formats::PointsOf(part.points(), part.max_points()), " points");
    absl::StrAppend(&xml, "      <failure", Attribute("type", verdict), Attribute("message", message), ">",
                    XmlText(formats::FeedbackAndNotes(part)), "</failure>\n");
  }
  if (!part.answer().empty()) absl::StrAppend(&xml, "      <system-out>", XmlText(part.answer()), "</system-out>\n");
  return absl::StrCat(xml, "    </testcase>\n");
}

std::string TestSuite(const v1::GradedSubmission& submission) {
  std::string xml = absl::StrCat("  <testsuite", Attribute("name", submission.id()),
                                 Counts(static_cast<size_t>(submission.parts_size()), FailureCount(submission)),
                                 " skipped=\"0\">\n", Properties(submission));
  for (const v1::GradedPart& part : submission.parts()) xml += TestCase(submission, part);
  return xml + "  </testsuite>\n";
}

}  // namespace

std::string JUnitReport(const v1::Assignment& assignment, absl::Span<const v1::GradedSubmission> submissions) {
  size_t tests = 0;
  size_t failures = 0;
  std::string suites;
  for (const v1::GradedSubmission& submission : submissions) {
    tests += static_cast<size_t>(submission.parts_size());
    failures += FailureCount(submission);
    suites += TestSuite(submission);
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", Attribute("name", assignment.id()),
                      Counts(tests, failures), ">\n", suites, "</testsuites>\n");
}

}  // namespace tensord::grading
