// The schema of assignments is what their messages make it.
#include "client/cli/message_file/schema.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tensord/v1/grading.pb.h"

namespace tensord::cli::message_file {
namespace {

TEST(SchemaTest, TheFileIsUpToDate) {
  const std::string expected = SchemaOf(*v1::Assignment::descriptor()).dump(1) + "\n";
  std::ifstream file(TENSORD_ASSIGNMENT_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  if (text.str() == expected) return;
  const std::string fresh = testing::TempDir() + "assignment.schema.json";
  std::ofstream(fresh) << expected;
  FAIL() << TENSORD_ASSIGNMENT_SCHEMA << " is not what the messages say; the right one is now in " << fresh;
}

TEST(SchemaTest, DefinesEveryMessageAndItsFields) {
  const auto definitions = SchemaOf(*v1::Assignment::descriptor())["$defs"];
  for (const char* name : {"Assignment", "Question", "Step", "Part", "Tensor", "PoolingKind", "FormulaTensor"}) {
    EXPECT_TRUE(definitions.contains(name)) << name;
  }
  EXPECT_TRUE(definitions["Part"]["properties"].contains("hint_level"));
  EXPECT_FALSE(definitions.contains("Submission"));
  EXPECT_EQ(definitions["PoolingKind"]["enum"][0], "max");
}

}  // namespace
}  // namespace tensord::cli::message_file
