#include "client/cli/batch/answer.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/text.h"
#include "tensord/client/errors.h"

namespace tensord::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field of the message's only oneof that is set, or null.
const FieldDescriptor* FieldOfOneof(const Message& message) {
  return message.GetReflection()->GetOneofFieldDescriptor(message, message.GetDescriptor()->oneof_decl(0));
}

nlohmann::ordered_json ErrorJson(const absl::Status& status) {
  nlohmann::ordered_json error = {{"code", absl::StatusCodeToString(status.code())},
                                  {"message", std::string(status.message())}};
  if (const auto info = client::ErrorInfoOf(status)) error["reason"] = info->reason();
  if (const auto bad_request = client::BadRequestOf(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      error["violations"].push_back({{"field", violation.field()}, {"description", violation.description()}});
    }
  }
  return error;
}

// Of the bytes that JSON cannot hold, nothing is left but that they were there.
std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// `output 2x2 float32, indices 2x2 int64`
std::string TensorsText(const Message& response) {
  std::vector<const FieldDescriptor*> fields;
  response.GetReflection()->ListFields(response, &fields);
  std::vector<std::string> texts;
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated() || field->message_type() != v1::Tensor::descriptor()) continue;
    const auto& tensor = static_cast<const v1::Tensor&>(response.GetReflection()->GetMessage(response, field));
    const std::string shape = tensor.shape().empty() ? "scalar" : absl::StrJoin(tensor.shape(), "x");
    const auto* type = v1::DataType_descriptor()->FindValueByNumber(tensor.data_type());
    texts.push_back(absl::StrCat(field->name(), " ", shape, " ", type == nullptr ? "?" : ShortName(*type)));
  }
  return absl::StrJoin(texts, ", ");
}

std::string ErrorText(const absl::Status& status) {
  const std::string code = absl::StatusCodeToString(status.code());
  const auto bad_request = client::BadRequestOf(status);
  if (!bad_request || bad_request->field_violations().empty()) {
    return absl::StrCat(code, ": ", Escape(status.message()));
  }
  std::vector<std::string> lines;
  for (const auto& violation : bad_request->field_violations()) {
    lines.push_back(absl::StrCat(Escape(violation.field()), ": ", Escape(violation.description())));
  }
  return absl::StrCat(code, ": ", absl::StrJoin(lines, "\n        "));
}

}  // namespace

absl::StatusOr<v1::StreamComputeRequest> ParseOperation(absl::string_view text) {
  v1::StreamComputeRequest request;
  const auto status =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &request);  // of the JSON name, too
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the line is no StreamComputeRequest in JSON: ", status.message().data()));
  }
  if (request.operation_case() == v1::StreamComputeRequest::OPERATION_NOT_SET) {
    std::vector<std::string> names;
    const auto* operations = v1::StreamComputeRequest::descriptor()->oneof_decl(0);
    for (int i = 0; i < operations->field_count(); ++i) names.push_back(operations->field(i)->name());
    return absl::InvalidArgumentError(
        absl::StrCat("the line has no operation, has to have one of ", absl::StrJoin(names, ", ")));
  }
  return request;
}

std::string OperationName(const v1::StreamComputeRequest& request) {
  const FieldDescriptor* field = FieldOfOneof(request);
  return field == nullptr ? "" : field->name();
}

Answer ErrorAnswer(Origin origin, const absl::Status& status) {
  Answer answer{.origin = std::move(origin), .response = {}};
  *answer.response.mutable_error() = client::ToRpcStatus(status);
  return answer;
}

std::string AnswerJson(const Answer& answer) {
  std::string json = absl::StrCat("{\"line\":", answer.origin.line);
  if (!answer.origin.operation.empty()) absl::StrAppend(&json, ",\"id\":\"", answer.origin.id, "\"");
  if (answer.is_error()) {
    return absl::StrCat(json, ",\"error\":", Dump(ErrorJson(client::FromRpcStatus(answer.response.error()))), "}");
  }
  const FieldDescriptor* field = FieldOfOneof(answer.response);
  if (field == nullptr) return absl::StrCat(json, "}");
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string response;
  const Message& message = answer.response.GetReflection()->GetMessage(answer.response, field);
  const auto status = google::protobuf::util::MessageToJsonString(message, &response, options);
  if (!status.ok()) {
    return AnswerJson(ErrorAnswer(answer.origin, absl::InternalError("the answer cannot be written as JSON")));
  }
  return absl::StrCat(json, ",\"", field->name(), "\":", response, "}");
}

std::string AnswerTextHeader() { return absl::StrFormat("%6s  %6s  %s", "line", "id", "operation and result"); }

std::string AnswerText(const Answer& answer) {
  const bool is_operation = !answer.origin.operation.empty();
  std::string text =
      absl::StrFormat("%6d  %6s  ", answer.origin.line, is_operation ? absl::StrCat(answer.origin.id) : "-");
  if (is_operation) absl::StrAppend(&text, answer.origin.operation, "  ");
  if (answer.is_error()) return absl::StrCat(text, ErrorText(client::FromRpcStatus(answer.response.error())));
  const FieldDescriptor* field = FieldOfOneof(answer.response);
  if (field == nullptr) return absl::StrCat(text, "no result");
  return absl::StrCat(text, TensorsText(answer.response.GetReflection()->GetMessage(answer.response, field)));
}

}  // namespace tensord::cli
