#include "client/cli/model_file/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "client/cli/text.h"

namespace tensord::cli::model_file {
namespace {

// Makes the tree from the parser's events; after an error it lets the rest pass by.
class TreeMaker : public YAML::EventHandler {
 public:
  explicit TreeMaker(absl::string_view file) : file_(file) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Leaf(mark, anchor, Value::Kind::kNull, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Fail(mark, "has an alias (*name), which is not read; repeat: says that layers come again");
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
    if (anchor != 0) Fail(mark, "has an anchor (&name), which is not read; repeat: says that layers come again");
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
    Add({.kind = kind, .line = LineOf(mark), .is_quoted = is_quoted, .text = text});
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind) {
    CheckAnchor(mark, anchor);
    if (!status_.ok()) return;
    if (IsKeyNext()) return Fail(mark, "has a key that is no word");
    if (containers_.size() >= kMaxDocumentDepth) {
      return Fail(mark, absl::StrCat("is nested deeper than ", kMaxDocumentDepth, " levels"));
    }
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
  std::vector<Container> containers_;
  Value root_;
  absl::Status status_;
};

}  // namespace

const Value* Value::Find(absl::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

absl::StatusOr<Value> ReadDocument(absl::string_view text, absl::string_view file) {
  if (text.size() > kMaxDocumentBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": has ", text.size(), " bytes, has to have at most ", kMaxDocumentBytes));
  }
  TreeMaker maker(file);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(maker);
    absl::StatusOr<Value> root = maker.Take();
    TreeMaker rest(file);
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
  const std::string place = file.empty() ? "" : absl::StrCat(file, ":", line, ": ");
  return absl::InvalidArgumentError(absl::StrCat(place, where, where.empty() ? "" : ": ", what));
}

}  // namespace tensord::cli::model_file
