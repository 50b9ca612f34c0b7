// Files that files name.
#include "client/cli/message_file/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/elements.h"
#include "client/cli/io/npy.h"
#include "client/cli/message_file/read.h"
#include "tests/support/temporary_directory.h"

namespace tensord::cli::message_file {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

// `answers: {a: {file: NAME}}` in the folder, as the tensor's elements or the text; or the error.
std::string Answer(const std::string& folder, const std::string& name, const FilesOptions& options = {},
                   const std::string& file = "s.yaml") {
  v1::Submission submission;
  Files files(folder, options);
  const bool is_text_format = file == "s.pbtxt";
  const std::string text = is_text_format ? "answers { key: 'a' value { file: '" + name + "' } }"
                                          : "answers:\n  a: {file: \"" + name + "\"}\n";
  const absl::Status read = ReadMessageFile(text, file, submission, {.files = &files});
  if (!read.ok()) return std::string(read.message());
  const v1::StudentAnswer& answer = submission.answers().at("a");
  if (answer.has_text()) return answer.text();
  const absl::StatusOr<Elements> elements = Elements::Of(answer.tensor());
  if (!elements.ok()) return std::string(elements.status().message());
  std::string shown = TypeName(answer.tensor().data_type());
  for (int64_t i = 0; i < elements->count(); ++i) absl::StrAppend(&shown, " ", elements->Text(i));
  return shown;
}

std::string Npy(double value) {
  v1::Tensor tensor;
  tensor.set_data_type(v1::DATA_TYPE_FLOAT32);
  tensor.mutable_doubles()->add_values(value);
  return *WriteNpy(tensor);
}

TEST(FilesTest, AreInlined) {
  const TemporaryDirectory folder;
  folder.Write("x.npy", Npy(2.5));
  folder.Write("sub/x.csv", "0.1,2\n");
  folder.Write("x.json", "[[1], [2]]");
  folder.Write("x.md", "# (46, 62)\n");
  EXPECT_EQ(Answer(folder.path(), "x.npy"), "float32 2.5");
  EXPECT_EQ(Answer(folder.path(), "sub/x.csv"), "float64 0.1 2");
  EXPECT_EQ(Answer(folder.path(), "./x.json"), "float64 1 2");
  EXPECT_EQ(Answer(folder.path(), "x.md"), "# (46, 62)\n");
  EXPECT_EQ(Answer(folder.path(), "x.md", {}, "s.pbtxt"), "# (46, 62)\n");

  v1::Assignment assignment;
  Files files(folder.path());
  ASSERT_TRUE(
      ReadMessageFile("questions: [{data: {X: {file: sub/x.csv}}}]", "a.yaml", assignment, {.files = &files}).ok());
  EXPECT_EQ(assignment.questions(0).data().at("X").tensor().data_type(), v1::DATA_TYPE_FLOAT32);
  EXPECT_EQ(assignment.questions(0).data().at("X").tensor().shape_size(), 2);
}

TEST(FilesTest, NeverLeaveTheFolder) {
  const TemporaryDirectory folder;
  folder.Write("secret.txt", "secret");
  const std::string inner = std::filesystem::path(folder.Write("inner/x.txt", "mine")).parent_path();
  folder.Write("inner2/x.txt", "secret");
  std::filesystem::create_symlink(folder.path("secret.txt"), inner + "/link.txt");
  std::filesystem::create_symlink(folder.path(), inner + "/up");
  std::filesystem::create_symlink(inner + "/x.txt", inner + "/good.txt");
  EXPECT_EQ(Answer(inner, "x.txt"), "mine");
  EXPECT_EQ(Answer(inner, "good.txt"), "mine");
  for (const std::string name : {"../secret.txt", "up/../../secret.txt", "../inner2/x.txt"}) {
    EXPECT_THAT(Answer(inner, name), AllOf(HasSubstr("s.yaml:2: answers.a.file: names the file \"" + name),
                                           HasSubstr("which has \"..\" in it"), HasSubstr("--allow-outside")));
  }
  EXPECT_THAT(Answer(inner, folder.path("secret.txt")), HasSubstr("which is absolute, has to be relative"));
  EXPECT_THAT(Answer(inner, "link.txt"), HasSubstr("a link that leads out of the folder"));
  EXPECT_THAT(Answer(inner, "up/secret.txt"), HasSubstr("a link that leads out of the folder"));
  EXPECT_THAT(Answer(inner, "up/inner2/x.txt"), HasSubstr("a link that leads out of the folder"));
  EXPECT_EQ(Answer(inner, "../secret.txt", {.allow_outside = true}), "secret");
  EXPECT_EQ(Answer(inner, "link.txt", {.allow_outside = true}), "secret");
}

TEST(FilesTest, AreBounded) {
  const TemporaryDirectory folder;
  folder.Write("x.txt", "12345");
  EXPECT_EQ(Answer(folder.path(), "x.txt", {.max_file_bytes = 5}), "12345");
  EXPECT_THAT(Answer(folder.path(), "x.txt", {.max_file_bytes = 4}),
              HasSubstr("which has 5 bytes, has to have at most 4"));
  Files files(folder.path(), {.max_total_bytes = 9});
  v1::StudentAnswer answer;
  EXPECT_TRUE(files.ReadAnswer("x.txt", answer).ok());
  EXPECT_THAT(std::string(files.ReadAnswer("x.txt", answer).message()), HasSubstr("more than 9 bytes"));
  // What becomes of a file counts too: 6 bytes are 24.
  folder.Write("x.csv", "1,2,3\n");
  EXPECT_EQ(Answer(folder.path(), "x.csv", {.max_total_bytes = 24}), "float64 1 2 3");
  EXPECT_THAT(Answer(folder.path(), "x.csv", {.max_total_bytes = 23}), HasSubstr("more than 23 bytes"));
}

TEST(FilesTest, RefusesWhatIsNoSuchFile) {
  const TemporaryDirectory folder;
  folder.Write("bad.npy", "x");
  folder.Write("bad.txt", "\xff");
  ASSERT_EQ(mkfifo(folder.path("pipe.txt").c_str(), 0600), 0);
  EXPECT_THAT(Answer(folder.path(), "pipe.txt"), HasSubstr("which is no file"));
  EXPECT_THAT(Answer(folder.path(), "none.txt"), HasSubstr("which cannot be read: "));
  EXPECT_THAT(Answer(folder.path(), "bad.npy"), HasSubstr("which is no tensor: "));
  EXPECT_THAT(Answer(folder.path(), "bad.txt"), HasSubstr("which is no text in UTF-8"));
  EXPECT_THAT(Answer(folder.path(), "x.exe"), HasSubstr("has to be X.npy, X.npz:NAME, X.csv or X.json, X.txt or X.md"));
  EXPECT_THAT(Answer(folder.path(), "x.npz"), HasSubstr("has to be X.npy"));
  EXPECT_THAT(Answer(folder.path(), "none.npz:x"), HasSubstr("which cannot be read: "));
  EXPECT_THAT(Answer(folder.path(), ""), HasSubstr("has to be "));
  EXPECT_THAT(Answer(folder.path(), "a\\0b.txt"), HasSubstr("has to be a name of"));
}

TEST(FilesTest, ModelsAreReadInPlace) {
  const TemporaryDirectory folder;
  folder.Write("net.yaml", "input: [N, 3, 8, 8]\nlayers:\n  - conv: {filters: 4, kernel: 3}\n");
  Files files(folder.path());
  v1::Step step;
  const std::string text = "analyze_model: {model: net.yaml, symbols: {N: 2}}";
  ASSERT_TRUE(ReadMessageFile(text, "a.yaml", step, {.files = &files}).ok());
  EXPECT_EQ(step.analyze_model().graph().nodes_size(), 1);
  EXPECT_EQ(step.analyze_model().symbols().at("N"), 2);
  const auto error = [&](const std::string& request, Files* some_files) {
    return std::string(ReadMessageFile("analyze_model: " + request, "a.yaml", step, {.files = some_files}).message());
  };
  EXPECT_EQ(error("{model: net.yaml}", nullptr), "a.yaml:1: analyze_model.model: names a file, which is not read here");
  EXPECT_THAT(error("{model: ../net.yaml}", &files), HasSubstr("a.yaml:1: analyze_model.model: names the file"));
  EXPECT_THAT(error("{model: net.yaml, onnx: AQ==}", &files), HasSubstr("is given beside onnx or graph"));
  EXPECT_THAT(error("{model: [net.yaml]}", &files), HasSubstr("was a list, has to be a file's name"));
}

}  // namespace
}  // namespace tensord::cli::message_file
