#include "server/config_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/config_table.h"
#include "server/small_file.h"

namespace tensord::server {
namespace {

const SettingDescription* FindSetting(const std::string& name) {
  const std::vector<SettingDescription>& table = SettingTable();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const SettingDescription& setting) { return setting.name == name; });
  return found == table.end() ? nullptr : &*found;
}

// The texts of a scalar, or of a sequence of scalars; false where it is neither.
bool ReadTexts(const YAML::Node& node, std::vector<std::string>& texts) {
  if (node.IsScalar()) {
    texts.push_back(node.Scalar());
    return true;
  }
  if (!node.IsSequence()) return false;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) return false;
    texts.push_back(item.Scalar());
  }
  return true;
}

void ReadEntry(const YAML::Node& key_node, const YAML::Node& node, ConfigFile& file) {
  if (!key_node.IsScalar()) {
    file.problems.push_back({"config", "(a key that is no word)", "names of settings as keys"});
    return;
  }
  const std::string& key = key_node.Scalar();
  const SettingDescription* setting = FindSetting(key);
  std::vector<std::string> texts;
  if (setting == nullptr) {
    file.problems.push_back(
        {absl::CHexEscape(key.substr(0, 64)), "", "the name of a setting; tensord --help lists them"});
  } else if (file.values.count(key) != 0) {
    file.problems.push_back({key, "", "each setting once"});
  } else if (!ReadTexts(node, texts) || (node.IsSequence() && !setting->repeated)) {
    file.problems.push_back({key, "", setting->repeated ? "one value, or a list of values" : "one value"});
  } else {
    file.values[key] = texts;
  }
}

void ReadDocument(const std::string& path, const std::string& text, ConfigFile& file) {
  const YAML::Node document = YAML::Load(text);
  if (document.IsNull()) return;  // an empty file sets nothing
  if (!document.IsMap()) {
    file.problems.push_back({"config", path, "a YAML mapping from settings to values"});
    return;
  }
  for (const auto& entry : document) ReadEntry(entry.first, entry.second, file);
}

}  // namespace

ConfigFile ReadConfigFile(const std::string& path) {
  ConfigFile file;
  const absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok()) {
    file.problems.push_back({"config", path, absl::StrCat("a file that can be read: ", text.status().message())});
    return file;
  }
  try {
    ReadDocument(path, *text, file);
  } catch (const YAML::Exception& error) {
    file.problems.push_back({"config", path, absl::StrCat("YAML: ", absl::CHexEscape(error.what()))});
  }
  return file;
}

}  // namespace tensord::server
