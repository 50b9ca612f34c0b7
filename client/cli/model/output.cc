#include "client/cli/model/output.h"

#include <unistd.h>

#include <sstream>

#include "client/cli/io/file.h"
#include "client/cli/status_macros.h"
#include "client/cli/terminal.h"

namespace tensord::cli {

absl::Status TextOutput::Deliver(const std::string& text, Context& context) const {
  if (out_.given()) return WriteWholeFile(out_.value(), text);
  context.out() << text;
  return absl::OkStatus();
}

Style TextOutput::style(const Context& context) const {
  return Style(!out_.given() && context.flags().color(STDOUT_FILENO));
}

size_t TextOutput::width() const {
  constexpr size_t kPage = 120;
  return out_.given() ? kPage : TextWidth();
}

absl::StatusOr<std::string> ReportJson(Context& context, const Report& report) {
  std::ostringstream text;
  Context json(context, text);
  TENSORCTL_RETURN_IF_ERROR(json.printer().Print(report));
  return text.str();
}

}  // namespace tensord::cli
