// Files of the tests of tensorctl.
#ifndef TENSORD_TESTS_CLIENT_CLI_FILES_H_
#define TENSORD_TESTS_CLIENT_CLI_FILES_H_

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temporary_directory.h"

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

using testing::TemporaryDirectory;

}  // namespace tensord::cli

#endif  // TENSORD_TESTS_CLIENT_CLI_FILES_H_
