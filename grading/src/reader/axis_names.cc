#include "grading/src/reader/axis_names.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "grading/src/reader/names.h"

namespace tensord::grading::internal {
namespace {

// How far before the sizes a list of names may begin.
constexpr size_t kLongestList = 64;

bool IsComma(const Tokens& tokens, const Item& item) {
  if (item.Is(',') || item.Is(';') || item.Is(kCross) || item.Is('*')) return true;
  return item.IsWord() && (tokens.IsWord(item.begin, "x") || tokens.IsWord(item.begin, "by"));
}

// What may stand around a list of names.
bool IsFrame(const Item& item) {
  return item.Is('(') || item.Is(')') || item.Is('[') || item.Is(']') || item.Is(':') || item.Is('=') || item.Is('-') ||
         item.Is('{') || item.Is('}');
}

// The names of items [begin, end), or of as much of it as is a list.
std::vector<std::string> NamesIn(const Tokens& tokens, const Scan& scan, size_t begin, size_t end) {
  std::vector<std::string> names;
  std::string name;
  for (size_t i = begin; i < end; ++i) {
    const Item& item = scan.items[i];
    if (IsComma(tokens, item)) {
      if (!name.empty()) names.push_back(name);
      name.clear();
    } else if (item.IsWord()) {
      if (!IsFiller(tokens.Lower(item.begin)) || item.end - item.begin > 1) {
        absl::StrAppend(&name, name.empty() ? "" : " ", tokens.Name(item.begin));
      } else if (tokens.IsWord(item.begin, "and") && !name.empty()) {
        names.push_back(name);
        name.clear();
      }
    } else if (!IsFrame(item)) {
      break;
    }
  }
  if (!name.empty()) names.push_back(name);
  return names;
}

// Where the list that ends before item `end` begins.
size_t ListBegin(const Tokens& tokens, const Scan& scan, size_t end) {
  size_t begin = end;
  while (begin > 0 && end - begin < kLongestList) {
    const Item& item = scan.items[begin - 1];
    if (!item.IsWord() && !IsComma(tokens, item) && !IsFrame(item)) break;
    --begin;
  }
  return begin;
}

}  // namespace

void NameAxes(const Tokens& tokens, const Scan& scan, size_t begin, size_t end, std::vector<Value>* sizes) {
  const auto named = [](const Value& size) { return !size.name.empty(); };
  if (std::all_of(sizes->begin(), sizes->end(), named)) return;
  const size_t last = std::min(scan.items.size(), end + kLongestList);
  std::vector<std::string> names = NamesIn(tokens, scan, end, last);
  if (names.size() != sizes->size()) names = NamesIn(tokens, scan, ListBegin(tokens, scan, begin), begin);
  const bool fits = names.size() == sizes->size() && sizes->size() > 1;
  for (size_t i = 0; i < sizes->size(); ++i) (*sizes)[i].name = fits ? names[i] : "";
}

}  // namespace tensord::grading::internal
