#include "client/cli/grading/faults.h"

#include "absl/strings/str_cat.h"
#include "client/cli/text.h"

namespace tensord::cli {

std::string FaultsText(const std::string& file, const message_file::FieldLines& lines,
                       const google::protobuf::RepeatedPtrField<v1::AssignmentFault>& faults, const Style& style) {
  std::string text;
  for (const v1::AssignmentFault& fault : faults) {
    const int line = lines.Find(fault.field());
    const std::string part = fault.part().empty() ? "" : absl::StrCat(" (", Escape(fault.part()), ")");
    absl::StrAppend(&text, Escape(file), line > 0 ? absl::StrCat(":", line) : "", ": ",
                    style.Bold(absl::StrCat(Escape(fault.field()), part)), ": ", Escape(fault.description()), "\n");
  }
  absl::StrAppend(&text, style.Red("error:"), " the assignment has ", faults.size(),
                  faults.size() == 1 ? " fault" : " faults", ", and nothing was graded\n");
  return text;
}

}  // namespace tensord::cli
