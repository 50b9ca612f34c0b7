// In which line of a file each field of the message was given.
#ifndef TENSORD_CLI_MESSAGE_FILE_FIELD_LINES_H_
#define TENSORD_CLI_MESSAGE_FILE_FIELD_LINES_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tensord::cli::message_file {

// What is said of `questions[2].parts[0].of[0]`, by a server for instance, is shown beside the line that it stands in.
class FieldLines {
 public:
  void Add(const std::string& path, int line) { lines_.emplace(path, line); }

  // The line of that field, or of the innermost field around it that has one; 0 where nothing does.
  [[nodiscard]] int Find(absl::string_view path) const;

 private:
  absl::flat_hash_map<std::string, int> lines_;
};

}  // namespace tensord::cli::message_file

#endif  // TENSORD_CLI_MESSAGE_FILE_FIELD_LINES_H_
