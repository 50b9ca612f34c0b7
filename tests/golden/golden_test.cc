// The golden data beside this file, through a live server: what other systems answered, and tensord's answers to the
// same requests. Each case of each file is one test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "tensord/v1/tensor.pb.h"
#include "tensord/v1/tensor_service.pb.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"

namespace tensord::contract {
namespace {

using Json = nlohmann::json;

struct GoldenCase {
  std::string file;
  Json json;
};
void PrintTo(const GoldenCase& golden, std::ostream* stream) { *stream << golden.json.at("request"); }

std::vector<GoldenCase> ReadCases() {
  std::vector<GoldenCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(TENSORD_GOLDEN_FOLDER)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream stream(entry.path());
    const Json file = Json::parse(stream);
    for (const Json& json : file.at("cases")) cases.push_back({entry.path().stem(), json});
  }
  std::sort(cases.begin(), cases.end(), [](const GoldenCase& a, const GoldenCase& b) {
    return std::pair(a.file, a.json.at("name").get<std::string>()) <
           std::pair(b.file, b.json.at("name").get<std::string>());
  });
  return cases;
}

const std::vector<GoldenCase>& Cases() {
  static const auto& cases = *new std::vector<GoldenCase>(ReadCases());
  return cases;
}

double ToNumber(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const std::string& text = json.get_ref<const std::string&>();
  if (text == "NaN") return std::nan("");
  return text == "Infinity" ? HUGE_VAL : -HUGE_VAL;
}

// The elements of a tensor that came as doubles, as integers, or as the bytes of int64.
std::vector<double> Elements(const v1::Tensor& tensor) {
  if (tensor.has_doubles()) return {tensor.doubles().values().begin(), tensor.doubles().values().end()};
  std::vector<int64_t> integers(tensor.integers().values().begin(), tensor.integers().values().end());
  if (tensor.payload_case() == v1::Tensor::kData) {
    EXPECT_EQ(tensor.data_type(), v1::DATA_TYPE_INT64);
    integers.resize(tensor.data().size() / sizeof(int64_t));
    std::memcpy(integers.data(), tensor.data().data(), integers.size() * sizeof(int64_t));
  }
  return {integers.begin(), integers.end()};
}

// What is wrong with the answer's tensor, or nothing.
std::optional<std::string> Difference(const v1::Tensor& tensor, const Json& expect) {
  if (Json(std::vector<int64_t>(tensor.shape().begin(), tensor.shape().end())) != expect.at("shape")) {
    return "the tensor is " + tensor.ShortDebugString() + ", expected the shape " + expect.at("shape").dump();
  }
  const std::vector<double> actual = Elements(tensor);
  const Json& values = expect.at("values");
  if (actual.size() != values.size()) return "there are " + std::to_string(actual.size()) + " elements";
  for (size_t i = 0; i < actual.size(); ++i) {
    const double expected = ToNumber(values[i]);
    if (std::isnan(expected) ? std::isnan(actual[i]) : actual[i] == expected) continue;
    const double within = expect.contains("within") ? ToNumber(expect.at("within")[i]) : 0;
    if (std::abs(actual[i] - expected) <= within) continue;  // false for NaN and for infinities
    return "element " + std::to_string(i) + " is " + Json(actual[i]).dump() + ", expected " + values[i].dump() +
           " within " + Json(within).dump();
  }
  return std::nullopt;
}

class GoldenTest : public ::testing::TestWithParam<GoldenCase> {
 protected:
  // One server for all of them.
  static grpc::Channel& channel() {
    static auto& door = *new std::unique_ptr<Door>(OpenDoor("InProcess", TestSettings()));
    static auto& channel = *new std::shared_ptr<grpc::Channel>(door->channel());
    return *channel;
  }
};

TEST_P(GoldenTest, AnswersAsTheSystemDid) {
  const Json& json = GetParam().json;
  SCOPED_TRACE(json.at("source").get<std::string>());
  const std::string rpc = json.at("rpc");
  const google::protobuf::MethodDescriptor* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName("tensord.v1.TensorService." + rpc);
  ASSERT_NE(method, nullptr) << rpc;
  google::protobuf::MessageFactory& factory = *google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<google::protobuf::Message> request(factory.GetPrototype(method->input_type())->New());
  const auto parsed = google::protobuf::util::JsonStringToMessage(json.at("request").dump(), request.get());
  ASSERT_TRUE(parsed.ok()) << parsed.ToString();

  const Answer answer = CallRaw(channel(), "tensord.v1.TensorService/" + rpc, request->SerializeAsString());
  if (json.contains("refused")) {
    ASSERT_FALSE(answer.status.ok());
    EXPECT_NE(answer.Violations().find(json.at("refused").get<std::string>()), std::string::npos)
        << answer.Violations();
    return;
  }
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message() << answer.Violations();
  const std::unique_ptr<google::protobuf::Message> response(factory.GetPrototype(method->output_type())->New());
  ASSERT_TRUE(response->ParseFromString(answer.bytes));

  std::string differences;
  ASSERT_FALSE(json.at("expect").empty());
  for (const auto& [name, expect] : json.at("expect").items()) {
    const google::protobuf::FieldDescriptor* field = method->output_type()->FindFieldByName(name);
    ASSERT_NE(field, nullptr) << name;
    ASSERT_TRUE(response->GetReflection()->HasField(*response, field)) << name;
    const auto& tensor = dynamic_cast<const v1::Tensor&>(response->GetReflection()->GetMessage(*response, field));
    const std::optional<std::string> difference = Difference(tensor, expect);
    if (difference.has_value()) differences += name + ": " + *difference + "\n";
  }
  if (json.contains("differs_because")) {
    EXPECT_FALSE(differences.empty()) << "no difference any more, though " << json.at("differs_because");
  } else {
    EXPECT_TRUE(differences.empty()) << differences;
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenTest, ::testing::ValuesIn(Cases()), [](const auto& test) {
  return test.param.file + "_" + test.param.json.at("name").template get<std::string>();
});

// Guards against files that are not read, and against the loss of cases.
TEST(GoldenFilesTest, HaveEnoughOfEveryKind) {
  std::map<std::string, int> counts;
  int backwards = 0;
  for (const GoldenCase& golden : Cases()) {
    ++counts[golden.file];
    const std::string rpc = golden.json.at("rpc");
    if (rpc.size() > 8 && rpc.compare(rpc.size() - 8, 8, "Backward") == 0) ++backwards;
  }
  EXPECT_GE(counts["pytorch_convolution"], 70);
  EXPECT_GE(counts["pytorch_transposed_convolution"], 28);
  EXPECT_GE(counts["pytorch_pooling"], 120);
  EXPECT_GE(counts["pytorch_activation"], 78);
  EXPECT_GE(counts["onnx_nodes"], 31);
  EXPECT_GE(counts["derived_from_formulas"], 16);
  EXPECT_GE(backwards, 100);
}

}  // namespace
}  // namespace tensord::contract
