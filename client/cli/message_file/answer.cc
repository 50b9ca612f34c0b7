#include "client/cli/message_file/answer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/message_file/fields.h"
#include "client/cli/status_macros.h"

namespace tensord::cli::message_file {
namespace {

using document::Place;
using document::Value;

// Appends a scalar's text, or a list as `[1, [2, 3]]`. It recurs as deep as the document is nested, which its reader
// bounds.
absl::Status AppendText(const Value& value, const Place& place, std::string& text) {
  if (value.kind == Value::Kind::kMap) return Wrong(place, value, "a text or a list");
  if (value.kind != Value::Kind::kList) {
    text += value.text;
    return absl::OkStatus();
  }
  text += '[';
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) text += ", ";
    TENSORCTL_RETURN_IF_ERROR(AppendText(value.items[i], place.At(i, value.items[i]), text));
  }
  text += ']';
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> FillAnswer(const Value& value, const Place& place, v1::StudentAnswer& answer) {
  std::string text;
  if (value.kind != Value::Kind::kMap) {
    TENSORCTL_RETURN_IF_ERROR(AppendText(value, place, text));
    answer.set_text(std::move(text));
    return true;
  }
  if (value.keys.size() == 1 && v1::StudentAnswer::descriptor()->FindFieldByName(value.keys[0]) != nullptr)
    return false;
  for (size_t i = 0; i < value.keys.size(); ++i) {
    absl::StrAppend(&text, i > 0 ? ", " : "", value.keys[i], "=");
    TENSORCTL_RETURN_IF_ERROR(
        AppendText(value.items[i], place.Below(value.keys[i].substr(0, 64), value.items[i]), text));
  }
  answer.set_text(std::move(text));
  return true;
}

}  // namespace tensord::cli::message_file
