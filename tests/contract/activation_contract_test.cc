// Activations through every door: kinds with tensors and axes of their own, and what the answers echo.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tensord/compute/activation.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"
#include "tests/reference/reference.h"

namespace tensord::contract {
namespace {

using ::testing::ElementsAre;

constexpr char kActivate[] = "tensord.v1.TensorService/Activate";
constexpr char kActivateBackward[] = "tensord.v1.TensorService/ActivateBackward";

class ActivationContractTest : public ::testing::TestWithParam<std::string> {
 protected:
  ActivationContractTest() : door_(OpenDoor(GetParam(), TestSettings())) {}

  template <typename Response>
  Response Call(const std::string& method, const google::protobuf::Message& request) {
    return CallParsed<Response>(*door_->channel(), method, request);
  }
  v1::ActivateResponse Activate(const v1::ActivateRequest& request) {
    return Call<v1::ActivateResponse>(kActivate, request);
  }

  const std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, ActivationContractTest, ::testing::ValuesIn(DoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(ActivationContractTest, EveryElementwiseKindIsComputed) {
  for (const compute::ActivationKind kind : compute::kAllActivationKinds) {
    if (!compute::IsElementwise(kind)) continue;
    v1::ActivateRequest request = GoodActivate();
    request.mutable_activation()->set_kind(static_cast<v1::ActivationKind>(static_cast<int>(kind) + 1));
    const v1::ActivateResponse response = Activate(request);
    compute::Violations violations;
    const auto activation = compute::ResolveActivation({.kind = kind}, compute::Profile::kNone, "", violations);
    const std::vector<double> inputs = Values(request.input());
    const std::vector<double> outputs = Values(response.output());
    ASSERT_EQ(outputs.size(), inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_FLOAT_EQ(static_cast<float>(outputs[i]), static_cast<float>(reference::Activate(*activation, inputs[i])))
          << compute::Name(kind) << " of " << inputs[i];
    }
  }
}

TEST_P(ActivationContractTest, ParametersAreEchoedWithTheirDefaults) {
  v1::ActivateRequest request = GoodActivate();
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_HARD_TANH);
  const v1::Activation hard_tanh = Activate(request).activation();
  EXPECT_EQ(hard_tanh.minimum(), -1);
  EXPECT_EQ(hard_tanh.maximum(), 1);
  EXPECT_EQ(hard_tanh.kink_slope(), v1::KINK_SLOPE_SATURATED);
  EXPECT_FALSE(hard_tanh.has_axis_index());
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_THRESHOLDED_RELU);
  EXPECT_EQ(Activate(request).activation().alpha(), 1);
  EXPECT_EQ(Activate(request).activation().kink_slope(), v1::KINK_SLOPE_LEFT);
}

TEST_P(ActivationContractTest, SoftmaxRunsAlongTheAxisThatWasNamed) {
  v1::ActivateRequest request;
  *request.mutable_input() = Floats({2, 2}, {1, 1, 5, 5});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
  // The last axis by default.
  v1::ActivateResponse response = Activate(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(0.5, 0.5, 0.5, 0.5));
  EXPECT_EQ(response.activation().axis_index(), 1);
  EXPECT_FALSE(response.activation().has_axis());
  // By a letter of the tensor's own axes.
  request.mutable_input()->set_axes("CN");
  request.mutable_activation()->set_axis("C");
  response = Activate(request);
  EXPECT_EQ(response.activation().axis_index(), 0);
  EXPECT_EQ(response.activation().axis(), "C");
  EXPECT_LT(Values(response.output())[0], 0.02);
  // By an index from the end; an echo sent again is the same request.
  request.mutable_activation()->clear_axis();
  request.mutable_activation()->set_axis_index(-2);
  EXPECT_EQ(Activate(request).SerializeAsString(), response.SerializeAsString());
  *request.mutable_activation() = response.activation();
  EXPECT_EQ(Activate(request).SerializeAsString(), response.SerializeAsString());
  // By a letter of the default layout, which is HW.
  request.mutable_input()->clear_axes();
  request.mutable_activation()->clear_axis_index();
  request.mutable_activation()->set_axis("H");
  EXPECT_EQ(Values(Activate(request).output()), Values(response.output()));
}

TEST_P(ActivationContractTest, LogSoftmaxAndItsGradient) {
  v1::ActivateBackwardRequest request;
  *request.mutable_input() = Floats({2}, {3, 3});
  *request.mutable_output_gradient() = Floats({2}, {1, 0});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_LOG_SOFTMAX);
  const auto response = Call<v1::ActivateBackwardResponse>(kActivateBackward, request);
  EXPECT_THAT(Values(response.input_gradient()), ElementsAre(0.5, -0.5));
  EXPECT_EQ(response.activation().axis_index(), 0);
  EXPECT_FALSE(response.has_slope_gradient());
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
  EXPECT_THAT(Values(Call<v1::ActivateBackwardResponse>(kActivateBackward, request).input_gradient()),
              ElementsAre(0.25, -0.25));
}

TEST_P(ActivationContractTest, PreluBroadcastsItsSlopesAsAsked) {
  v1::ActivateRequest request;
  *request.mutable_input() = Floats({2, 2}, {-1, -2, -4, 8});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  *request.mutable_slope() = Floats({2}, {0.5, 0.25});
  v1::ActivateResponse response = Activate(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(-0.5, -0.5, -2, 8));
  EXPECT_EQ(response.activation().slope_match(), v1::SLOPE_MATCH_TRAILING);
  EXPECT_EQ(response.activation().kink_slope(), v1::KINK_SLOPE_LEFT);
  EXPECT_FALSE(response.activation().has_slope());
  // One slope per channel, which is the first axis.
  request.mutable_input()->set_axes("CW");
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  response = Activate(request);
  EXPECT_THAT(Values(response.output()), ElementsAre(-0.5, -1, -1, 8));
  EXPECT_EQ(response.activation().slope_match(), v1::SLOPE_MATCH_CHANNEL);
  // The same by letters.
  request.mutable_slope()->set_axes("C");
  const v1::ActivateResponse by_axes = Activate(request);
  EXPECT_EQ(by_axes.activation().slope_match(), v1::SLOPE_MATCH_AXES);
  EXPECT_EQ(Values(by_axes.output()), Values(response.output()));
}

TEST_P(ActivationContractTest, PreluGivesTheGradientOfItsSlopesOnRequest) {
  v1::ActivateBackwardRequest request;
  *request.mutable_input() = Floats({2, 2}, {-1, 0, -4, 8});
  *request.mutable_output_gradient() = Floats({2, 2}, {1, 10, 100, 1000});
  *request.mutable_slope() = Floats({1}, {0.5});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  const auto without = Call<v1::ActivateBackwardResponse>(kActivateBackward, request);
  EXPECT_THAT(Values(without.input_gradient()), ElementsAre(0.5, 5, 50, 1000));
  EXPECT_FALSE(without.has_slope_gradient());
  request.set_return_slope_gradient(true);
  const auto with = Call<v1::ActivateBackwardResponse>(kActivateBackward, request);
  EXPECT_THAT(Values(with.slope_gradient()), ElementsAre(-401));
  EXPECT_THAT(with.slope_gradient().shape(), ElementsAre(1));
}

TEST_P(ActivationContractTest, AnAnswerComesAsBytesWhereFormsDiffer) {
  v1::ActivateRequest request;
  *request.mutable_input() = Floats({2}, {-1, 1});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  *request.mutable_slope() = Floats({}, {0.5});
  request.mutable_slope()->mutable_doubles()->add_values(0.5);
  EXPECT_FALSE(Activate(request).output().data().empty());
  request.mutable_input()->mutable_doubles()->add_values(-1);
  request.mutable_input()->mutable_doubles()->add_values(1);
  EXPECT_THAT(Activate(request).output().doubles().values(), ElementsAre(-0.5, 1));
}

TEST_P(ActivationContractTest, AnEmptyBatchIsLegal) {
  v1::ActivateRequest request;
  *request.mutable_input() = Floats({0, 3}, {});
  request.mutable_input()->set_axes("NC");
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_SOFTMAX);
  EXPECT_THAT(Activate(request).output().shape(), ElementsAre(0, 3));
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  *request.mutable_slope() = Floats({3}, {1, 2, 3});
  EXPECT_THAT(Activate(request).output().shape(), ElementsAre(0, 3));
}

}  // namespace
}  // namespace tensord::contract
