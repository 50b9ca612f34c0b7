// Tensors, enums, parameters and bytes that make no sense.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/contract/bad_cases.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

class BadInputTest : public ::testing::TestWithParam<BadCase> {
 protected:
  static void SetUpTestSuite() { door_ = OpenDoor("InProcess", TestSettings()).release(); }
  static void TearDownTestSuite() {
    delete door_;
    door_ = nullptr;
  }
  static Door* door_;
};

Door* BadInputTest::door_ = nullptr;

INSTANTIATE_TEST_SUITE_P(Rows, BadInputTest, ::testing::ValuesIn(AllBadCases()), [](const auto& test) {
  std::string name = test.param.name;
  name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
  return name;
});

TEST_P(BadInputTest, IsRefusedAndTheServerLivesOn) {
  const BadCase& bad = GetParam();
  const Answer answer = CallRaw(*door_->channel(), bad.method, bad.bytes);
  EXPECT_EQ(answer.status.error_code(), bad.code) << answer.status.error_message();
  ASSERT_TRUE(answer.error_info.has_value());
  EXPECT_EQ(answer.error_info->reason(), bad.reason);
  EXPECT_EQ(answer.error_info->domain(), "tensord");
  EXPECT_FALSE(answer.retry_info.has_value());
  if (bad.field.empty()) {
    EXPECT_NE(answer.status.error_message().find(bad.text), std::string::npos) << answer.status.error_message();
  } else {
    const std::optional<std::string> description = answer.ViolationOf(bad.field);
    ASSERT_TRUE(description.has_value()) << "no violation of " << bad.field << " among\n" << answer.Violations();
    EXPECT_NE(description->find(bad.text), std::string::npos) << *description;
  }
  const Answer good = CallRaw(*door_->channel(), std::string(kTensorService) + "Pool", GoodPool().SerializeAsString());
  EXPECT_TRUE(good.status.ok()) << good.status.error_message();
}

TEST(ManyViolationsTest, AllAreFoundAndSixteenTravel) {
  const std::unique_ptr<Door> door = OpenDoor("InProcess", TestSettings());
  v1::ConvolveBackwardRequest request = GoodConvolveBackward();
  request.mutable_conventions()->add_strides(0);
  request.mutable_conventions()->add_strides(-1);
  request.mutable_conventions()->add_dilations(0);
  request.mutable_conventions()->add_dilations(-1);
  request.mutable_conventions()->set_groups(0);
  request.mutable_conventions()->set_kernel(static_cast<v1::KernelMode>(9));
  request.mutable_activation()->set_alpha(2);
  request.mutable_activation()->set_beta(2);
  request.mutable_input()->mutable_data()->push_back('x');
  request.set_profile(static_cast<v1::ConventionProfile>(9));
  for (int i = 0; i < 10; ++i) request.add_gradients(static_cast<v1::ConvolutionGradient>(50));
  const Answer answer =
      CallRaw(*door->channel(), std::string(kTensorService) + "ConvolveBackward", request.SerializeAsString());
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_TRUE(answer.bad_request.has_value());
  EXPECT_EQ(answer.bad_request->field_violations_size(), 16);
  EXPECT_EQ(answer.error_info->metadata().at("violation_count"), "20");
  for (const char* field : {"conventions.strides[0]", "conventions.strides[1]", "conventions.dilations[0]",
                            "conventions.dilations[1]", "conventions.groups", "conventions.kernel", "activation.alpha",
                            "activation.beta", "input.data", "profile", "gradients[4]"}) {
    EXPECT_TRUE(answer.ViolationOf(field).has_value()) << field << " is not among\n" << answer.Violations();
  }
}

}  // namespace
}  // namespace tensord::contract
