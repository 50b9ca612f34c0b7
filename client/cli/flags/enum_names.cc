#include "client/cli/flags/enum_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// PADDING_MODE_ for PaddingMode: how the values' names begin.
std::string Prefix(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return prefix + "_";
}

}  // namespace

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  const std::string prefix = Prefix(*value.type());
  const std::string& name = value.name();
  return absl::AsciiStrToLower(absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : name);
}

std::vector<std::string> FlagNames(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(Canonical(ShortName(*type.value(i))));
  }
  return names;
}

absl::StatusOr<int> ParseEnum(const std::string& flag, absl::string_view text,
                              const google::protobuf::EnumDescriptor& type) {
  const std::string wanted = Canonical(text);
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0 && Canonical(ShortName(*type.value(i))) == wanted) return type.value(i)->number();
  }
  const std::vector<std::string> names = FlagNames(type);
  return absl::InvalidArgumentError(absl::StrCat(flag, ": '", Escape(text), "' is not known", DidYouMean(text, names),
                                                 "\nexpected: ", absl::StrJoin(names, ", ")));
}

}  // namespace tensord::cli
