#include "client/cli/message_file/field_lines.h"

namespace tensord::cli::message_file {

int FieldLines::Find(absl::string_view path) const {
  while (!path.empty()) {
    if (const auto found = lines_.find(path); found != lines_.end()) return found->second;
    const size_t end = path.find_last_of(".[");
    path = end == absl::string_view::npos ? "" : path.substr(0, end);
  }
  return 0;
}

}  // namespace tensord::cli::message_file
