// Requests that make no sense, as rows: what is sent, and what has to be said of it.
#ifndef TENSORD_TESTS_CONTRACT_BAD_CASES_H_
#define TENSORD_TESTS_CONTRACT_BAD_CASES_H_

#include <grpcpp/support/status.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tensord/v1/tensor.pb.h"

namespace tensord::contract {

inline constexpr char kTensorService[] = "tensord.v1.TensorService/";
inline constexpr char kAnalysisService[] = "tensord.v1.AnalysisService/";
inline constexpr char kGradingService[] = "tensord.v1.GradingService/";

// A call, the code and the reason it has to get, and fields that have to be named (none for some refusals).
struct BadCase {
  std::string name;
  std::string method;
  std::string bytes;
  std::string field;
  std::string text;
  grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT;
  std::string reason = "INVALID_REQUEST";
};

inline void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

class Cases {
 public:
  // The good request of that rpc, spoilt.
  template <typename Request, typename Spoil>
  void Add(const std::string& method, const std::string& name, Request request, Spoil spoil, const std::string& field,
           const std::string& text) {
    spoil(request);
    cases_.push_back({method.substr(method.find('/') + 1) + name, method, request.SerializeAsString(), field, text});
  }
  void AddRefusal(BadCase bad) { cases_.push_back(std::move(bad)); }
  [[nodiscard]] std::vector<BadCase> Take() { return std::move(cases_); }

 private:
  std::vector<BadCase> cases_;
};

// What can be wrong with the tensor `tensor_of(request)`, called `field`.
template <typename Request, typename TensorOf>
void AddTensorCases(const std::string& rpc, const Request& good, const std::string& field, TensorOf tensor_of,
                    Cases& cases) {
  const std::string method = kTensorService + rpc;
  std::string name = field;
  name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
  const auto add = [&](const std::string& what, auto spoil, const std::string& below, const std::string& text) {
    cases.Add(
        method, name + what, good, [&](Request& r) { spoil(*tensor_of(r)); }, field + below, text);
  };
  add(
      "TypeMissing", [](v1::Tensor& t) { t.clear_data_type(); }, ".data_type", "was not given, is required");
  add(
      "TypeUnknown", [](v1::Tensor& t) { t.set_data_type(static_cast<v1::DataType>(99)); }, ".data_type",
      "was 99, has to be one of FLOAT16, BFLOAT16, FLOAT32");
  add(
      "RankNine",
      [](v1::Tensor& t) {
        for (int i = 0; i < 9; ++i) t.add_shape(1);
      },
      ".shape", "has to have rank 0..8");
  add(
      "PayloadMissing", [](v1::Tensor& t) { t.clear_data(); }, ".data", "was not given");
  add(
      "PayloadOneByteShort", [](v1::Tensor& t) { t.mutable_data()->pop_back(); }, ".data", "bytes, has to have");
  add(
      "PayloadOneByteLong", [](v1::Tensor& t) { t.mutable_data()->push_back('x'); }, ".data", "bytes, has to have");
  add(
      "DoublesTooFew", [](v1::Tensor& t) { t.mutable_doubles()->add_values(1); }, ".doubles.values", "had 1 numbers");
  add(
      "IntegersTooFew", [](v1::Tensor& t) { t.mutable_integers()->add_values(1); }, ".integers.values",
      "had 1 numbers");
}

// Sizes that no axis can have, for the tensors whose shapes are checked by themselves.
template <typename Request, typename TensorOf>
void AddSizeCases(const std::string& rpc, const Request& good, const std::string& field, TensorOf tensor_of,
                  Cases& cases) {
  const auto add = [&](const std::string& what, int axis, int64_t size, const std::string& text) {
    cases.Add(
        kTensorService + rpc, field + what, good, [&](Request& r) { tensor_of(r)->set_shape(axis, size); },
        field + ".shape[" + std::to_string(axis) + "]", text);
  };
  add("SizeNegative", 1, -1, "was -1, has to be 1..");
  add("SizeZero", 1, 0, "was 0, has to be 1..");
  add("SizeOf2To31", 1, int64_t{1} << 31, "was 2147483648");
  add("SizeOf2To32And2", 1, (int64_t{1} << 32) + 2, "was 4294967298");
  add("SizeOf2To63", 1, std::numeric_limits<int64_t>::max(), "was 9223372036854775807");
}

// Each group of rows, one per family of rpcs.
void AddConvolutionCases(Cases& cases);
void AddPoolingCases(Cases& cases);
void AddNumbersCases(Cases& cases);
void AddUnpoolingCases(Cases& cases);
void AddActivationCases(Cases& cases);
void AddAnalysisCases(Cases& cases);
void AddModelGraphCases(Cases& cases);
void AddGradingCases(Cases& cases);
// What is refused for another reason than a violation.
void AddRefusals(Cases& cases);
// All of these.
[[nodiscard]] std::vector<BadCase> AllBadCases();

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_BAD_CASES_H_
