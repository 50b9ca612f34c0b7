// Uses every library that tensord installs, and returns how many things were not as they have to be.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "tensord/analysis/dataset.h"
#include "tensord/client/client.h"
#include "tensord/client/eigen.h"
#include "tensord/client/errors.h"
#include "tensord/client/mock_client.h"
#include "tensord/client/tensor.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"

namespace {

int Check(bool right, const std::string& what) {
  std::cout << (right ? "ok    " : "WRONG ") << what << "\n";
  return right ? 0 : 1;
}

tensord::v1::ConvolveRequest Request() {
  tensord::v1::ConvolveRequest request;
  Eigen::MatrixXf input(2, 3);
  input << 1, 2, 3, 4, 5, 6;
  *request.mutable_input() = tensord::client::MakeTensor(input);
  *request.mutable_filter() = tensord::client::MakeTensor<float>({1, -1}, {1, 2});
  return request;
}

// Nobody listens at port 1.
int CallNobody() {
  auto client = tensord::client::Client::Connect("127.0.0.1:1", {.retry = {.max_attempts = 1}});
  if (!client.ok()) return Check(false, client.status().ToString());
  const absl::Status status = (*client)->Convolve(Request(), {.deadline = std::chrono::seconds(10)}).status();
  return Check(status.code() == absl::StatusCode::kUnavailable, "client without a server: " + status.ToString()) +
         Check(!tensord::client::BadRequestOf(status).has_value(), "no details without a server");
}

int CallMock() {
  tensord::client::MockClient client;
  tensord::v1::ConvolveResponse response;
  *response.mutable_output() = Request().input();
  EXPECT_CALL(client, Convolve(testing::_, testing::_)).WillOnce(testing::Return(response));
  const absl::StatusOr<tensord::v1::ConvolveResponse> answer = client.Convolve(Request());
  const auto matrix = tensord::client::AsEigenMatrix<float>(answer->output());
  return Check(matrix.ok() && matrix->sum() == 21.0F, "mock and Eigen view");
}

int Compute() {
  namespace compute = tensord::compute;
  const float input[] = {1, 2, 3, 4, 5, 6};
  const float filter[] = {1, -3};
  compute::Violations violations;
  const auto geometry =
      compute::ResolveConvolution({}, compute::Profile::kNone, {2, 3}, {1, 2}, {}, compute::SizeRules(), violations);
  if (!geometry.has_value()) return Check(false, violations.ToStatus().ToString());
  compute::SerialExecutor executor;
  const absl::StatusOr<compute::Tensor> output =
      compute::Convolve(*geometry, {.type = compute::DataType::kFloat32, .shape = {2, 3}, .data = input},
                        {.type = compute::DataType::kFloat32, .shape = {1, 2}, .data = filter}, {}, std::nullopt,
                        {.executor = &executor});
  if (!output.ok()) return Check(false, output.status().ToString());
  const float* values = output->As<float>();
  return Check(output->shape() == compute::Shape({2, 2}), "shape of a convolution") +
         Check(values[0] == -5 && values[1] == -7 && values[2] == -11 && values[3] == -13, "values of a convolution");
}

int Analyse() {
  tensord::compute::Violations violations;
  const auto description = tensord::analysis::DescribeDataset(
      {{"recording", int64_t{40}}, {"channel", int64_t{80}}, {"sample", int64_t{2400}}},
      tensord::compute::DataType::kUint8, "axes", violations);
  return Check(description.has_value() && description->element_count.decimal() == "7680000", "analysis of a data set");
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return CallNobody() + CallMock() + Compute() + Analyse();
}
