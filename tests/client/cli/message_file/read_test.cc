// Messages from texts that people write, good and hostile.
#include "client/cli/message_file/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tensord/v1/grading.pb.h"
#include "tests/client/cli/message_file/read_as.h"

namespace tensord::cli::message_file {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Assignment(const std::string& text) { return ReadAs<v1::Assignment>(text); }
std::string Part(const std::string& text) { return ReadAs<v1::Part>(text); }
std::string Step(const std::string& text) { return ReadAs<v1::Step>(text); }
std::string Answers(const std::string& answers) { return ReadAs<v1::Submission>("answers: " + answers); }

TEST(ReadTest, ScalarsOfEveryKind) {
  EXPECT_EQ(Assignment("{id: h10, title: 'a: b', hint_level: where, slip_credit: {x: 0.5}, profile: textbook}"),
            R"(id: "h10" title: "a: b" hint_level: HINT_LEVEL_WHERE slip_credit { key: "x" value: 0.5 } )"
            R"(profile: CONVENTION_PROFILE_TEXTBOOK)");
  EXPECT_EQ(Assignment("{id: 10, hintLevel: HINT_LEVEL_WHAT}"), R"(id: "10" hint_level: HINT_LEVEL_WHAT)");
  EXPECT_EQ(ReadAs<v1::GeneratedTensor>("{shape: [2, 3], type: int8, seed: 18446744073709551615, low: -3, "
                                        "high: \"4\", per_student: true}"),
            "shape: 2 shape: 3 data_type: DATA_TYPE_INT8 seed: 18446744073709551615 low: -3 high: 4 per_student: true");
  EXPECT_EQ(ReadAs<v1::AnalyzeModelRequest>("{onnx: AQI=, symbols: {N: 4}}"),
            R"(onnx: "\001\002" symbols { key: "N" value: 4 })");
  EXPECT_EQ(Part("points: 0"), "points: 0");
}

TEST(ReadTest, AFieldWithoutAValueIsNotGivenAndAMessageIs) {
  EXPECT_EQ(Part("{id: a, text: , points: , of: , integer: }"), R"(id: "a" integer { })");
  EXPECT_EQ(Part("{tuple: {}}"), "tuple { }");
}

TEST(ReadTest, ASingleValueStandsForAList) {
  EXPECT_EQ(Part("of: Z"), R"(of: "Z")");
  EXPECT_EQ(Part("of: [Z, U]"), R"(of: "Z" of: "U")");
  EXPECT_EQ(Part("shape: {axes: [[image, N], colour]}"),
            R"(shape { axes { names: "image" names: "N" } axes { names: "colour" } })");
  EXPECT_EQ(Assignment("questions: {id: 1}"), R"(questions { id: "1" })");
}

TEST(ReadTest, ErrorsNameTheLineTheFieldAndTheRemedy) {
  EXPECT_EQ(Assignment("id: x\nquestions:\n  - id: 1\n  - id: 2\n    parts:\n      - tensor:\n          slack: x\n"),
            "f.yaml:7: questions[1].parts[0].tensor.slack: was \"x\", has to be a number");
  EXPECT_EQ(Part("id: a\ntensor: {slakc: 1}"),
            "f.yaml:2: tensor: has the unknown key \"slakc\" (did you mean slack?), has to have slack");
  EXPECT_EQ(Part("integer: {x: 1}"), "f.yaml:1: integer: has the unknown key \"x\", has to have none");
  EXPECT_EQ(Part("integer: 3"), "f.yaml:1: integer: was 3, has to be empty");
  EXPECT_EQ(Part("element: {condition: largst}"),
            "f.yaml:1: element.condition: was \"largst\" (did you mean largest?), has to be one of equal, largest, "
            "smallest");
  EXPECT_EQ(Part("element: {first_index: 1.5}"),
            "f.yaml:1: element.first_index: was 1.5, has to be a whole number, "
            "-9223372036854775808..9223372036854775807");
  EXPECT_EQ(Part("tuple: {any_order: yes}"), "f.yaml:1: tuple.any_order: was \"yes\", has to be true or false");
  EXPECT_EQ(Part("points: .inf"), "f.yaml:1: points: was \".inf\", has to be a number");
  EXPECT_EQ(Part("id: [a]"), "f.yaml:1: id: was a list, has to be a text");
  EXPECT_EQ(Part("slip_credit: 3"), "f.yaml:1: slip_credit: was 3, has to be a mapping");
  EXPECT_EQ(Part("of: [a, {b: c}]"), "f.yaml:1: of[1]: was a mapping, has to be a text");
  EXPECT_EQ(Assignment("questions: [, 3]"),
            "f.yaml:1: questions[0]: was empty, has to be a mapping of id, text, data, steps, parts");
  EXPECT_EQ(ReadAs<v1::AnalyzeModelRequest>("onnx: '*'"), "f.yaml:1: onnx: was \"*\", has to be bytes as base64");
  EXPECT_THAT(Assignment("[1]"), HasSubstr("f.yaml:1: was a list, has to be a mapping of id, title, questions"));
  EXPECT_THAT(Assignment(""), HasSubstr("was empty, has to be a mapping"));
  EXPECT_EQ(ReadAs<v1::GeneratedTensor>("seed: -1"),
            "f.yaml:1: seed: was -1, has to be a whole number, 0..18446744073709551615");
}

TEST(ReadTest, NothingIsGivenTwice) {
  EXPECT_EQ(Part("{hint_level: what, hintLevel: where}"), "f.yaml:1: has the field hint_level twice");
  EXPECT_THAT(Part("integer:\nnumber:\n"),
              AllOf(HasSubstr("f.yaml:2: has both integer and number, has to have one of integer, tuple"),
                    HasSubstr("formula")));
  // `optional` alone is no choice.
  EXPECT_EQ(ReadAs<v1::GeneratedTensor>("{low: 1, high: 2}"), "low: 1 high: 2");
}

TEST(ReadTest, StepsNameTheirTensors) {
  EXPECT_EQ(Step("{name: Z, convolve: {input: X, filter: gradients.filter_gradient, conventions: {strides: 2}}}"),
            R"(name: "Z" tensors { key: "filter" value: "gradients.filter_gradient" } )"
            R"(tensors { key: "input" value: "X" } convolve { conventions { strides: 2 } })");
  EXPECT_EQ(Step("{tensors: {filter: W}, convolve: {input: X}}"),
            R"(tensors { key: "filter" value: "W" } tensors { key: "input" value: "X" } convolve { })");
  EXPECT_EQ(Step("{tensors: {input: W}, convolve: {input: X}}"),
            "f.yaml:1: names the tensor input in tensors and in the operation, has to name it once");
  EXPECT_EQ(Step("{convolve_backward: {outputGradient: dZ}}"),
            R"(tensors { key: "output_gradient" value: "dZ" } convolve_backward { })");
  EXPECT_THAT(Step("{activate: {input: 2}}"), HasSubstr("activate { input { data_type: DATA_TYPE_FLOAT32 data:"));
  // Outside of a step a name means nothing.
  EXPECT_EQ(ReadAs<v1::ConvolveRequest>("input: X"), "f.yaml:1: input: was \"X\", has to be a number");
}

TEST(ReadTest, Dimensions) {
  EXPECT_EQ(ReadAs<v1::PoolingLayer>("{input_shape: [B, 8, C], symbolic_strides: s}"),
            R"(input_shape { symbol: "B" } input_shape { value: 8 } input_shape { symbol: "C" } )"
            R"(symbolic_strides { symbol: "s" })");
  EXPECT_EQ(ReadAs<v1::PoolingLayer>("input_shape: ['N,C']"),
            "f.yaml:1: input_shape[0]: was \"N,C\", has to be a number, or a symbol such as N: a letter, then letters, "
            "digits or _");
  EXPECT_EQ(ReadAs<v1::PoolingLayer>("input_shape: [{symbol: N}]"), R"(input_shape { symbol: "N" })");
  EXPECT_THAT(ReadAs<v1::PoolingLayer>("input_shape: [{symbol: N, value: 1}]"), HasSubstr("has both symbol and value"));
}

TEST(ReadTest, Paddings) {
  const auto padding = [](const std::string& text) { return ReadAs<v1::ConvolutionConventions>("padding: " + text); };
  EXPECT_EQ(padding("valid"), "padding { mode: PADDING_MODE_VALID }");
  EXPECT_EQ(padding("same-upper"), "padding { mode: PADDING_MODE_SAME_UPPER }");
  EXPECT_EQ(padding("2"), "padding { mode: PADDING_MODE_EXPLICIT begin: 2 end: 2 }");
  EXPECT_EQ(padding("1,1:0,2"), "padding { mode: PADDING_MODE_EXPLICIT begin: 1 begin: 1 end: 0 end: 2 }");
  EXPECT_EQ(padding("[1, [0, 2]]"), "padding { mode: PADDING_MODE_EXPLICIT begin: 1 begin: 0 end: 1 end: 2 }");
  EXPECT_EQ(padding("{mode: full}"), "padding { mode: PADDING_MODE_FULL }");
  EXPECT_THAT(padding("vlid"), HasSubstr("f.yaml:1: padding: 'vlid' is no padding (did you mean valid?)"));
  EXPECT_EQ(padding("[1, [1, 2, 3]]"),
            "f.yaml:1: padding[1]: was a list, has to be a number of cells, or a pair [before, after]");
}

TEST(ReadTest, Activations) {
  EXPECT_EQ(ReadAs<v1::ActivateRequest>("activation: relu"), "activation { kind: ACTIVATION_KIND_RELU }");
  EXPECT_EQ(ReadAs<v1::ActivateRequest>("activation: leaky-relu:slope=0.2"),
            "activation { kind: ACTIVATION_KIND_LEAKY_RELU slope: 0.2 }");
  EXPECT_EQ(ReadAs<v1::ActivateRequest>("activation: {kind: elu, alpha: 2}"),
            "activation { kind: ACTIVATION_KIND_ELU alpha: 2 }");
  EXPECT_THAT(ReadAs<v1::ActivateRequest>("activation: rleu"), HasSubstr("f.yaml:1: activation: 'rleu' is not known"));
}

TEST(ReadTest, AnswersAreWhatIsWritten) {
  EXPECT_EQ(Answers("{3a: 1820}"), R"(answers { key: "3a" value { text: "1820" } })");
  EXPECT_EQ(Answers("{3a: 0x1F}"), R"(answers { key: "3a" value { text: "0x1F" } })");
  EXPECT_EQ(Answers("{3a: 1.50}"), R"(answers { key: "3a" value { text: "1.50" } })");
  EXPECT_EQ(Answers("\n  3a: (46, 62, 20)\n"), R"x(answers { key: "3a" value { text: "(46, 62, 20)" } })x");
  EXPECT_EQ(Answers("\n  4b: |\n    \\frac{a}{b}: [x\n"),
            R"(answers { key: "4b" value { text: "\\frac{a}{b}: [x\n" } })");
  EXPECT_EQ(Answers("{5a: [1, 3, -0, \"1\"]}"), R"(answers { key: "5a" value { text: "[1, 3, -0, 1]" } })");
  EXPECT_EQ(Answers("{5a: [[1, 2], []]}"), R"(answers { key: "5a" value { text: "[[1, 2], []]" } })");
  EXPECT_EQ(Answers("{1a: {N: 1000, C: [3, 4]}}"), R"(answers { key: "1a" value { text: "N=1000, C=[3, 4]" } })");
  EXPECT_EQ(Answers("{1a: {text: 7}}"), R"(answers { key: "1a" value { text: "7" } })");
  EXPECT_EQ(Answers("{1a: {text: 7, N: 1}}"), R"(answers { key: "1a" value { text: "text=7, N=1" } })");
  EXPECT_EQ(Answers("{1a: , 1b: {file: x.npy}}"),
            R"(answers { key: "1a" value { text: "" } } answers { key: "1b" value { file: "x.npy" } })");
  EXPECT_EQ(Answers("{1a: {N: {C: 1}}}"), "f.yaml:1: answers.1a.N: was a mapping, has to be a text or a list");
  EXPECT_EQ(Answers("{1a: [[1, {a: b}]]}"), "f.yaml:1: answers.1a[0][1]: was a mapping, has to be a text or a list");
}

TEST(ReadTest, JsonAndTextFormat) {
  EXPECT_EQ(ReadAs<v1::Submission>(R"({"id": "s\u00e9", "answers": {"1a": "\ud835\udc41=3"}})", "s.json"),
            R"(id: "s\303\251" answers { key: "1a" value { text: "\360\235\221\201=3" } })");
  EXPECT_EQ(ReadAs<v1::Part>("id: 'a' integer {}", "p.textproto"), R"(id: "a" integer { })");
  EXPECT_THAT(ReadAs<v1::Part>("id: 'a'\nintger {}", "p.txtpb"), HasSubstr("p.txtpb:2: is no text format: "));
}

TEST(ReadTest, HostileTexts) {
  EXPECT_EQ(ReadAs<v1::Part>("id: \xff"), "f.yaml: is no text in UTF-8; save it as such");
  EXPECT_EQ(ReadAs<v1::Part>("id: \xed\xa0\x80", "p.pbtxt"), "p.pbtxt: is no text in UTF-8; save it as such");
  EXPECT_EQ(ReadAs<v1::Part>("id: '\\377'", "p.pbtxt"), "p.pbtxt: has a text that is no UTF-8");
  EXPECT_EQ(ReadAs<v1::Submission>("answers { key: 'a' value { text: '\\377' } }", "s.pbtxt"),
            "s.pbtxt: has a text that is no UTF-8");
  EXPECT_EQ(ReadAs<v1::Part>("of: ['\xc3\xa9', \"\\xe9\"]"), R"(of: "\303\251" of: "\303\251")");
  EXPECT_EQ(ReadAs<v1::Part>("id: abc", "f.yaml", {.max_bytes = 6}), "f.yaml: has 7 bytes, has to have at most 6");
  EXPECT_THAT(ReadAs<v1::Part>("of: [1, 2, 3]", "f.yaml", {.max_values = 4}), HasSubstr("has more than 4 values"));
  EXPECT_THAT(Answers("{1a: " + std::string(63, '[') + std::string(63, ']') + "}"), HasSubstr("deeper than 64 levels"));
  EXPECT_THAT(Answers("{1a: " + std::string(62, '[') + std::string(62, ']') + "}"), HasSubstr("text: \"[[["));
  const std::string key(100000, 'k');
  EXPECT_LT(Part("? " + key + "\n: 1\n").size(), 1000);
  EXPECT_THAT(Part("\"a\\e[31m\": 1"), HasSubstr("has the unknown key \"a\\x1b[31m\""));
}

TEST(ReadTest, RemembersLines) {
  v1::Assignment assignment;
  FieldLines lines;
  ASSERT_TRUE(
      ReadMessageFile("id: x\nquestions:\n- id: 1\n  data:\n    X: [1]\n  parts:\n  - id: a\n    of:\n    - X\n",
                      "f.yaml", assignment, {.lines = &lines})
          .ok());
  EXPECT_EQ(lines.Find("questions[0].parts[0].of[0]"), 9);
  EXPECT_EQ(lines.Find("questions[0].parts[0].id"), 7);
  EXPECT_EQ(lines.Find("questions[0].data.X"), 5);
  EXPECT_EQ(lines.Find("questions[0].data.X.tensor.shape"), 5);
  EXPECT_EQ(lines.Find("questions[0].parts[0].integer"), 7);
  EXPECT_EQ(lines.Find("questions[7].id"), 3);
  EXPECT_EQ(lines.Find("nothing"), 0);
}

}  // namespace
}  // namespace tensord::cli::message_file
