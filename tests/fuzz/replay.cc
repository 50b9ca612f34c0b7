#include "tests/fuzz/replay.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace tensord::fuzz {

std::vector<std::string> Inputs(const Replay& replay) {
  std::map<std::string, std::string> by_path;
  for (const std::string& folder : replay.folders) {
    const std::filesystem::path path = std::filesystem::path(TENSORD_TESTS_FOLDER) / folder;
    if (!std::filesystem::is_directory(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::ifstream file(entry.path(), std::ios::binary);
      by_path[entry.path().string()] = {std::istreambuf_iterator<char>(file), {}};
    }
  }
  std::vector<std::string> inputs;
  for (const auto& [name, bytes] : by_path) inputs.push_back(bytes);
  return inputs;
}

void RunOn(Target target, const std::string& input) {
  target(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

void RunTruncated(Target target, const std::string& input) {
  for (size_t length = 0; length < input.size(); ++length) RunOn(target, input.substr(0, length));
}

void RunBent(Target target, const std::string& input) {
  for (size_t i = 1; i < input.size(); ++i) {
    for (const char bent : {'\x00', '\x01', '\x7f', '\x80', '\xff'}) {
      std::string bytes = input;
      bytes[i] = bent;
      RunOn(target, bytes);
    }
  }
}

}  // namespace tensord::fuzz
