#include "client/cli/message_file/load.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "client/cli/io/file.h"
#include "client/cli/message_file/files.h"
#include "client/cli/message_file/read.h"
#include "client/cli/text.h"

namespace tensord::cli::message_file {

absl::Status LoadMessage(const std::string& path, std::istream& standard_input, google::protobuf::Message& message,
                         const LoadOptions& options) {
  const bool is_stream = path == "-";
  const std::string name = is_stream ? "standard input" : Escape(path);
  const absl::StatusOr<std::string> text = is_stream ? ReadWholeStream(standard_input) : ReadWholeFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", name, ": ", text.status().message(),
                                                   "\nexpected: a YAML, JSON or text format file"));
  }
  Files files(is_stream ? "." : std::filesystem::path(path).parent_path().string(),
              {.allow_outside = options.allow_outside});
  return ReadMessageFile(*text, name, message, {.files = &files, .lines = options.lines});
}

}  // namespace tensord::cli::message_file
