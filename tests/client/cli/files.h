// Files of the tests of tensorctl.
#ifndef TENSORD_TESTS_CLIENT_CLI_FILES_H_
#define TENSORD_TESTS_CLIENT_CLI_FILES_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace tensord::cli {

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

// A file that make_fixtures.py wrote.
inline std::string FixturePath(const std::string& name) { return std::string(TENSORD_CLI_FIXTURES) + "/" + name; }
inline std::string Fixture(const std::string& name) { return ReadFile(FixturePath(name)); }

// A folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tensorctl_XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string Path(const std::string& name) const { return absl::StrCat(path_, "/", name); }

  std::string Write(const std::string& name, const std::string& contents) const {
    std::ofstream(Path(name), std::ios::binary) << contents;
    return Path(name);
  }

 private:
  std::string path_;
};

}  // namespace tensord::cli

#endif  // TENSORD_TESTS_CLIENT_CLI_FILES_H_
