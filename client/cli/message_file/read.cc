#include "client/cli/message_file/read.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/document/document.h"
#include "client/cli/message_file/fields.h"
#include "client/cli/message_file/inline_files.h"
#include "client/cli/message_file/utf8.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::message_file {
namespace {

using document::ErrorAt;
using google::protobuf::Message;

// Keeps the first error.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(absl::string_view file_name) : file_name_(file_name) {}

  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/, const std::string& message) override {
    if (status_.ok()) status_ = ErrorAt(file_name_, line + 1, "", absl::StrCat("is no text format: ", Escape(message)));
  }
  void AddWarning(int /*line*/, google::protobuf::io::ColumnNumber /*column*/,
                  const std::string& /*message*/) override {}

  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  absl::string_view file_name_;
  absl::Status status_;
};

// Whether each string of the field is UTF-8, which what escapes stand for need not be.
bool HasUtf8Texts(const Message& message);

bool HasUtf8Texts(const Message& message, const google::protobuf::FieldDescriptor& field) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (!is_message && field.type() != FieldDescriptor::TYPE_STRING) return true;
  if (!field.is_repeated()) {
    return is_message ? HasUtf8Texts(reflection.GetMessage(message, &field))
                      : IsUtf8(reflection.GetString(message, &field));
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const bool is_utf8 = is_message ? HasUtf8Texts(reflection.GetRepeatedMessage(message, &field, i))
                                    : IsUtf8(reflection.GetRepeatedString(message, &field, i));
    if (!is_utf8) return false;
  }
  return true;
}

bool HasUtf8Texts(const Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return std::all_of(fields.begin(), fields.end(), [&](const auto* field) { return HasUtf8Texts(message, *field); });
}

bool IsTextFormatName(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  return absl::EndsWith(lower, ".textproto") || absl::EndsWith(lower, ".txtpb") || absl::EndsWith(lower, ".pbtxt");
}

absl::Status ReadTextFormat(absl::string_view text, absl::string_view file_name, const ReadOptions& options,
                            Message& message) {
  FirstError errors(file_name);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(static_cast<int>(options.max_depth));
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (parser.Parse(&stream, &message)) return absl::OkStatus();
  return errors.status().ok() ? ErrorAt(file_name, 0, "", "is no text format") : errors.status();
}

absl::Status ReadYaml(absl::string_view text, absl::string_view file_name, const ReadOptions& options,
                      FieldLines& lines, Message& message) {
  TENSORCTL_ASSIGN_OR_RETURN(
      const document::Value document,
      document::ReadDocument(
          text, file_name,
          {.max_bytes = options.max_bytes, .max_depth = options.max_depth, .max_values = options.max_values}));
  const document::Place place{.file = file_name, .path = "", .line = std::max(document.line, 1)};
  if (document.kind != document::Value::Kind::kMap) {
    return Wrong(place, document, absl::StrCat("a mapping of ", absl::StrJoin(KeysOf(*message.GetDescriptor()), ", ")));
  }
  return FillMessage(document, place, {.files = options.files, .lines = &lines}, message);
}

absl::Status CheckText(absl::string_view text, absl::string_view file_name, const ReadOptions& options) {
  // The text format's reader counts in int.
  const size_t most = std::min(options.max_bytes, size_t{1} << 30);
  if (text.size() > most) {
    return ErrorAt(file_name, 0, "", absl::StrCat("has ", text.size(), " bytes, has to have at most ", most));
  }
  if (IsUtf8(text)) return absl::OkStatus();
  return ErrorAt(file_name, 0, "", "is no text in UTF-8; save it as such");
}

}  // namespace

absl::Status ReadMessageFile(absl::string_view text, absl::string_view file_name, Message& message,
                             const ReadOptions& options) {
  message.Clear();
  FieldLines own_lines;
  FieldLines& lines = options.lines == nullptr ? own_lines : *options.lines;
  TENSORCTL_RETURN_IF_ERROR(CheckText(text, file_name, options));
  TENSORCTL_RETURN_IF_ERROR(IsTextFormatName(file_name) ? ReadTextFormat(text, file_name, options, message)
                                                        : ReadYaml(text, file_name, options, lines, message));
  if (!HasUtf8Texts(message)) return ErrorAt(file_name, 0, "", "has a text that is no UTF-8");
  return options.files == nullptr ? absl::OkStatus() : InlineFiles(file_name, lines, *options.files, message);
}

}  // namespace tensord::cli::message_file
