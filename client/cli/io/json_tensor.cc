#include "client/cli/io/json_tensor.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// Takes the parser's events, and stops it at the first that does not fit. The first list of each depth says how long
// the others have to be.
class NestedListHandler : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit NestedListHandler(v1::DataType type) : type_(type), builder_(type) {}

  bool start_array(std::size_t /*elements*/) override {
    if (scalar_depth_known_ && place_.size() >= scalar_depth_) return Fail("a list, where others have a number");
    if (place_.size() >= kMaxRank) return Fail(absl::StrCat("nested deeper than ", kMaxRank, " lists"));
    if (!HasRoom("a list")) return false;
    place_.push_back(0);
    if (lengths_.size() < place_.size()) lengths_.push_back(-1);
    return true;
  }

  bool end_array() override {
    const size_t depth = place_.size() - 1;
    const int64_t length = place_.back();
    place_.pop_back();
    if (lengths_[depth] < 0) lengths_[depth] = length;
    if (length == 0 && !scalar_depth_known_) {
      scalar_depth_known_ = true;
      scalar_depth_ = depth + 1;
    }
    if (lengths_[depth] == length) {
      if (!place_.empty()) ++place_.back();
      return true;
    }
    return Fail(absl::StrCat("of length ", length, ", where the first one has length ", lengths_[depth]), "the list");
  }

  bool number_integer(number_integer_t value) override {
    return Element([&] { return IsInteger(type_) ? builder_.AppendInteger(value) : Text(absl::StrCat(value)); });
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Element([&] { return Text(absl::StrCat(value)); });
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return Element([&] { return Text(text); });
  }

  bool string(string_t& text) override {
    if (text != "NaN" && text != "Infinity" && text != "-Infinity") {
      return Fail(absl::StrCat("the text \"", Escape(text), "\""));
    }
    return Element([&] { return Text(text); });
  }
  bool null() override { return Fail("null"); }
  bool boolean(bool value) override { return Fail(value ? "true" : "false"); }
  bool binary(binary_t& /*value*/) override { return Fail("binary"); }
  bool start_object(std::size_t /*elements*/) override { return Fail("an object"); }
  bool key(string_t& /*text*/) override { return false; }
  bool end_object() override { return false; }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: ..."
    absl::string_view what = error.what();
    const size_t bracket = what.find("] ");
    if (bracket != absl::string_view::npos) what.remove_prefix(bracket + 2);
    status_ = absl::InvalidArgumentError(absl::StrCat("it cannot be read as JSON: ", Escape(what)));
    return false;
  }

  absl::StatusOr<v1::Tensor> Take() {
    TENSORCTL_RETURN_IF_ERROR(status_);
    return MakeTensor(type_, lengths_, builder_.Take());
  }
  absl::Status status() const { return status_; }

 private:
  absl::Status Text(absl::string_view decimal) { return builder_.AppendText(decimal); }

  std::string Place() const {
    return place_.empty() ? "the value" : absl::StrCat("element (", absl::StrJoin(place_, ","), ")");
  }

  bool Fail(absl::string_view what, absl::string_view subject = "") {
    status_ = absl::InvalidArgumentError(
        absl::StrCat(subject.empty() ? "" : absl::StrCat(subject, " at "), Place(), " is ", what,
                     "\nexpected: lists of equal lengths of numbers, \"NaN\", \"Infinity\" or \"-Infinity\""));
    return false;
  }

  // Whether the innermost list may have one more entry.
  bool HasRoom(absl::string_view what) {
    if (place_.empty()) return true;
    const int64_t length = lengths_[place_.size() - 1];
    if (length < 0 || place_.back() < length) return true;
    return Fail(absl::StrCat(what, " too many: the first list there has length ", length));
  }

  template <typename Append>
  bool Element(const Append& append) {
    if (scalar_depth_known_ && place_.size() != scalar_depth_) return Fail("a number, where others have a list");
    if (!HasRoom("one")) return false;
    if (builder_.size_bytes() >= kMaxTensorBytes) return Fail("beyond the largest tensor");
    scalar_depth_known_ = true;
    scalar_depth_ = place_.size();
    const absl::Status appended = append();
    if (!appended.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(Place(), " is ", appended.message()));
      return false;
    }
    if (!place_.empty()) ++place_.back();
    return true;
  }

  v1::DataType type_;
  ElementBuilder builder_;
  std::vector<int64_t> place_;    // of the next element
  std::vector<int64_t> lengths_;  // of the first list of each depth; -1 while it is open
  bool scalar_depth_known_ = false;
  size_t scalar_depth_ = 0;
  absl::Status status_;
};

void AppendLists(const Elements& elements, size_t axis, int64_t& next, std::string& text) {
  if (axis == elements.shape().size()) {
    const std::string number = elements.Text(next++);
    const bool special = number == "NaN" || absl::EndsWith(number, "Infinity");
    absl::StrAppend(&text, special ? "\"" : "", number, special ? "\"" : "");
    return;
  }
  text += '[';
  for (int64_t i = 0; i < elements.shape()[axis]; ++i) {
    if (i > 0) text += ',';
    AppendLists(elements, axis + 1, next, text);
  }
  text += ']';
}

}  // namespace

absl::StatusOr<v1::Tensor> ReadJsonTensor(absl::string_view text, v1::DataType type) {
  NestedListHandler handler(type);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &handler);
  if (!parsed && handler.status().ok()) return absl::InvalidArgumentError("it is not JSON");
  return handler.Take();
}

std::string JsonLists(const Elements& elements) {
  std::string text;
  int64_t next = 0;
  AppendLists(elements, 0, next, text);
  return text;
}

}  // namespace tensord::cli
