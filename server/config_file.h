// The YAML file of settings.
#ifndef TENSORD_SERVER_CONFIG_FILE_H_
#define TENSORD_SERVER_CONFIG_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "server/config.h"

namespace tensord::server {

// What the file gives: for each setting its texts, and what is wrong with the file. A problem of the file as a whole
// has the name "config" and the path as its value.
struct ConfigFile {
  std::map<std::string, std::vector<std::string>> values;
  std::vector<SettingProblem> problems;
};

// Reads a YAML mapping from setting names to values; listen may be a list. At most 1 MiB.
[[nodiscard]] ConfigFile ReadConfigFile(const std::string& path);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONFIG_FILE_H_
