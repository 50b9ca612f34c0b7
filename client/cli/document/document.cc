#include "client/cli/document/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/text.h"

namespace tensord::cli::document {
namespace {

// Makes the tree from the parser's events; after an error it lets the rest pass by.
class TreeMaker : public YAML::EventHandler {
 public:
  TreeMaker(absl::string_view file, const Limits& limits) : file_(file), limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Leaf(mark, anchor, Value::Kind::kNull, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Fail(mark, absl::StrCat("has an alias (*name), which is not read; ", limits_.instead_of_aliases));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    CheckTag(mark, tag);
    Leaf(mark, anchor, Value::Kind::kScalar, text, tag == "!");
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    CheckTag(mark, tag);
    Open(mark, anchor, Value::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    CheckTag(mark, tag);
    Open(mark, anchor, Value::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

  absl::StatusOr<Value> Take() {
    if (!status_.ok()) return status_;
    return std::move(root_);
  }

 private:
  struct Container {
    Value value;
    absl::flat_hash_set<std::string> keys = {};
    bool has_key = false;  // a map's key is there, and its value is to come
  };

  static int LineOf(const YAML::Mark& mark) { return mark.line + 1; }

  void Fail(const YAML::Mark& mark, absl::string_view what) {
    if (status_.ok()) status_ = ErrorAt(file_, LineOf(mark), "", what);
  }

  // "?" and "!" are what the parser calls scalars without and with quotes.
  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") Fail(mark, "has a tag (!name), which is not read");
  }

  void CheckAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) {
      Fail(mark, absl::StrCat("has an anchor (&name), which is not read; ", limits_.instead_of_aliases));
    }
  }

  bool HasRoom(const YAML::Mark& mark) {
    if (++value_count_ <= limits_.max_values) return true;
    Fail(mark,
         absl::StrCat("has more than ", limits_.max_values, " values; large tensors belong in files of their own"));
    return false;
  }

  bool IsKeyNext() const {
    return !containers_.empty() && containers_.back().value.kind == Value::Kind::kMap && !containers_.back().has_key;
  }

  void TakeKey(const YAML::Mark& mark, const std::string& key) {
    Container& map = containers_.back();
    if (!map.keys.insert(key).second) {
      Fail(mark, absl::StrCat("has the key \"", Escape(key.substr(0, 64)), "\" twice"));
      return;
    }
    map.value.keys.push_back(key);
    map.value.key_lines.push_back(LineOf(mark));
    map.has_key = true;
  }

  void Leaf(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind, const std::string& text,
            bool is_quoted = false) {
    CheckAnchor(mark, anchor);
    if (!status_.ok()) return;
    if (IsKeyNext()) {
      if (kind == Value::Kind::kNull) return Fail(mark, "has a key that is no word");
      return TakeKey(mark, text);
    }
    if (!HasRoom(mark)) return;
    Add({.kind = kind, .line = LineOf(mark), .is_quoted = is_quoted, .text = text});
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind) {
    CheckAnchor(mark, anchor);
    if (!status_.ok()) return;
    if (IsKeyNext()) return Fail(mark, "has a key that is no word");
    if (containers_.size() >= limits_.max_depth) {
      return Fail(mark, absl::StrCat("is nested deeper than ", limits_.max_depth, " levels"));
    }
    if (!HasRoom(mark)) return;
    containers_.push_back({.value = {.kind = kind, .line = LineOf(mark)}});
  }

  void Close() {
    if (!status_.ok()) return;
    Value value = std::move(containers_.back().value);
    containers_.pop_back();
    Add(std::move(value));
  }

  void Add(Value value) {
    if (containers_.empty()) {
      root_ = std::move(value);
      return;
    }
    containers_.back().value.items.push_back(std::move(value));
    containers_.back().has_key = false;
  }

  const absl::string_view file_;
  const Limits limits_;
  size_t value_count_ = 0;
  std::vector<Container> containers_;
  Value root_;
  absl::Status status_;
};

bool IsJsonName(absl::string_view file) { return absl::EndsWith(absl::AsciiStrToLower(file), ".json"); }

// The number that the escape `\uXXXX` at `i` stands for, or -1 where there is none.
int32_t EscapeAt(absl::string_view text, size_t i) {
  if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return -1;
  int32_t code = 0;
  const char* const end = text.data() + i + 6;
  const auto [stop, error] = std::from_chars(text.data() + i + 2, end, code, 16);
  return error == std::errc() && stop == end ? code : -1;
}

// JSON writes a character beyond 16 bits as two escapes, `\ud835\udc41`, and YAML as one, `\U0001d441`.
std::string WithJoinedSurrogates(absl::string_view text) {
  std::string joined;
  joined.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const int32_t high = EscapeAt(text, i);
    const int32_t low = high >= 0xd800 && high < 0xdc00 ? EscapeAt(text, i + 6) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
      absl::StrAppendFormat(&joined, "\\U%08x", 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      i += 12;
    } else {
      // An escape's second character begins none: `\\\\u0041`.
      const size_t length = text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
      joined.append(text.data() + i, length);
      i += length;
    }
  }
  return joined;
}

}  // namespace

const Value* Value::Find(absl::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

absl::StatusOr<Value> ReadDocument(absl::string_view text, absl::string_view file, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": has ", text.size(), " bytes, has to have at most ", limits.max_bytes));
  }
  TreeMaker maker(file, limits);
  try {
    std::istringstream stream(IsJsonName(file) ? WithJoinedSurrogates(text) : std::string(text));
    YAML::Parser parser(stream);
    parser.HandleNextDocument(maker);
    absl::StatusOr<Value> root = maker.Take();
    TreeMaker rest(file, limits);
    if (root.ok() && parser.HandleNextDocument(rest)) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": has a second document (---), has to have one"));
    }
    return root;
  } catch (const YAML::Exception& error) {
    // Of several errors the first is told; the parser's own end the reading.
    if (absl::StatusOr<Value> root = maker.Take(); !root.ok()) return root;
    return ErrorAt(file, error.mark.line + 1, "", absl::StrCat("is no YAML: ", Escape(error.msg)));
  }
}

std::optional<int64_t> NumberOf(const Value& value) {
  if (value.kind != Value::Kind::kScalar || value.is_quoted) return std::nullopt;
  const char* const end = value.text.data() + value.text.size();
  int64_t number = 0;
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<double> RealOf(const Value& value) {
  constexpr size_t kMaxDigits = 64;
  if (value.kind != Value::Kind::kScalar || value.is_quoted) return std::nullopt;
  double number = 0;
  if (value.text.size() > kMaxDigits || !absl::SimpleAtod(value.text, &number) || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

Place Place::Below(absl::string_view key, const Value& value) const {
  return {.file = file, .path = path.empty() ? std::string(key) : absl::StrCat(path, ".", key), .line = value.line};
}

Place Place::At(size_t index, const Value& value) const {
  return {.file = file, .path = absl::StrCat(path, "[", index, "]"), .line = value.line};
}

std::string Describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNull:
      return "empty";
    case Value::Kind::kList:
      return "a list";
    case Value::Kind::kMap:
      return "a mapping";
    case Value::Kind::kScalar:
      break;
  }
  constexpr size_t kShown = 64;
  const std::string shown = Escape(value.text.substr(0, kShown));
  const bool is_number =
      !value.is_quoted && !shown.empty() && shown.find_first_not_of("0123456789+-.eE") == std::string::npos;
  return is_number ? shown : absl::StrCat("\"", shown, value.text.size() > kShown ? "..." : "", "\"");
}

absl::Status ErrorAt(absl::string_view file, int line, absl::string_view where, absl::string_view what) {
  const std::string place = file.empty() ? "" : absl::StrCat(file, line > 0 ? absl::StrCat(":", line) : "", ": ");
  return absl::InvalidArgumentError(absl::StrCat(place, where, where.empty() ? "" : ": ", what));
}

}  // namespace tensord::cli::document
