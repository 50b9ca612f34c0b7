// Convolves an image with an edge filter on a server, and then asks for something that cannot be.
//
//   tensord &
//   convolve [ADDRESS]      host:port or unix:/path; 127.0.0.1:50051 by default
#include <Eigen/Core>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "tensord/client/client.h"
#include "tensord/client/eigen.h"
#include "tensord/client/errors.h"
#include "tensord/client/tensor.h"

namespace {

namespace client = tensord::client;
namespace v1 = tensord::v1;

// A tensor is made of an Eigen expression, or of plain numbers and a shape.
v1::ConvolveRequest EdgesOfALetter() {
  Eigen::MatrixXf image(6, 5);
  image << 0, 0, 0, 0, 0,  //
      0, 3, 3, 3, 0,       //
      0, 3, 3, 3, 0,       //
      0, 3, 2, 3, 0,       //
      0, 3, 2, 3, 0,       //
      0, 0, 0, 0, 0;
  v1::ConvolveRequest request;
  *request.mutable_input() = client::MakeTensor(image);
  *request.mutable_filter() = client::MakeTensor<float>({1, -1, 1, -1}, {2, 2});
  return request;
}

// What the server said, and which fields of the request it was about.
void Explain(const absl::Status& status) {
  std::cerr << status.message() << " (" << absl::StatusCodeToString(status.code()) << ")\n";
  if (const auto bad_request = client::BadRequestOf(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      std::cerr << "  " << violation.field() << ": " << violation.description() << "\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string address = argc > 1 ? argv[1] : "127.0.0.1:50051";
  const auto server = client::Client::Connect(address, {.deadline = std::chrono::seconds(10)});
  if (!server.ok()) {
    Explain(server.status());
    return EXIT_FAILURE;
  }

  v1::ConvolveRequest request = EdgesOfALetter();
  const absl::StatusOr<v1::ConvolveResponse> response = (*server)->Convolve(request);
  if (!response.ok()) {
    Explain(response.status());
    return EXIT_FAILURE;
  }
  // The answer is looked at in place, as a matrix.
  const auto edges = client::AsEigenMatrix<float>(response->output());
  if (!edges.ok()) {
    Explain(edges.status());
    return EXIT_FAILURE;
  }
  std::cout << *edges << "\n";
  std::cout << "Conventions, resolved: " << response->conventions().ShortDebugString() << "\n";

  request.mutable_conventions()->add_strides(0);
  request.mutable_conventions()->set_input_layout("WHAT");
  std::cerr << "A request that cannot be:\n";
  Explain((*server)->Convolve(request).status());
  return EXIT_SUCCESS;
}
