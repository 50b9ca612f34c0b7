#include "client/cli/message_file/inline_files.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/document/document.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::cli::message_file {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Goes through messages as deep as their types nest, which none of them does within itself.
class Inliner {
 public:
  Inliner(absl::string_view file_name, const FieldLines& lines, Files& files)
      : file_name_(file_name), lines_(lines), files_(files) {}

  absl::Status Inline(const std::string& path, Message& message) {
    if (auto* const question = google::protobuf::DynamicCastToGenerated<v1::Question>(&message)) {
      return InlineEach(path, "data", *question->mutable_data());
    }
    if (auto* const submission = google::protobuf::DynamicCastToGenerated<v1::Submission>(&message)) {
      return InlineEach(path, "answers", *submission->mutable_answers());
    }
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* const field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
      TENSORCTL_RETURN_IF_ERROR(
          InlineField(absl::StrCat(path, path.empty() ? "" : ".", field->name()), *field, message));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status InlineField(const std::string& path, const FieldDescriptor& field, Message& message) {
    const auto& reflection = *message.GetReflection();
    if (!field.is_repeated()) return Inline(path, *reflection.MutableMessage(&message, &field));
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      TENSORCTL_RETURN_IF_ERROR(
          Inline(absl::StrCat(path, "[", i, "]"), *reflection.MutableRepeatedMessage(&message, &field, i)));
    }
    return absl::OkStatus();
  }

  template <typename Named>
  absl::Status InlineEach(const std::string& path, absl::string_view field,
                          google::protobuf::Map<std::string, Named>& entries) {
    // In the keys' order, so that of several errors the same one is told each time.
    std::map<absl::string_view, Named*> in_order;
    for (auto& [key, value] : entries) in_order.emplace(key, &value);
    for (const auto& [key, value] : in_order) {
      const absl::Status read = Read(*value);
      if (read.ok()) continue;
      const std::string place =
          absl::StrCat(path, path.empty() ? "" : ".", field, ".", Escape(key.substr(0, 64)), ".file");
      return document::ErrorAt(file_name_, lines_.Find(place), place, read.message());
    }
    return absl::OkStatus();
  }

  absl::Status Read(v1::Datum& datum) {
    if (!datum.has_file()) return absl::OkStatus();
    TENSORCTL_ASSIGN_OR_RETURN(*datum.mutable_tensor(),
                               files_.ReadTensor(std::string(datum.file()), v1::DATA_TYPE_FLOAT32));
    return absl::OkStatus();
  }

  absl::Status Read(v1::StudentAnswer& answer) {
    return answer.has_file() ? files_.ReadAnswer(std::string(answer.file()), answer) : absl::OkStatus();
  }

  const absl::string_view file_name_;
  const FieldLines& lines_;
  Files& files_;
};

}  // namespace

absl::Status InlineFiles(absl::string_view file_name, const FieldLines& lines, Files& files, Message& message) {
  return Inliner(file_name, lines, files).Inline("", message);
}

}  // namespace tensord::cli::message_file
