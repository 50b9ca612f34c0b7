#include "grading/src/question/generated.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grading/src/question/value.h"
#include "grading/src/sorted.h"

namespace tensord::grading {
namespace {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

  // 0 to bound - 1, without a bias: what is beyond the largest multiple of the bound is thrown away.
  uint64_t Below(uint64_t bound) {
    const uint64_t rest = (0 - bound) % bound;
    for (;;) {
      const uint64_t number = Next();
      if (number >= rest) return number % bound;
    }
  }

 private:
  uint64_t state_;
};

// FNV-1a with 64 bits.
uint64_t Mix(uint64_t hash, absl::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return (hash ^ 0xFFU) * 0x100000001B3U;
}

struct Range {
  int64_t low;
  int64_t high;
};

// The integers that a type has, each exactly.
Range RangeOf(v1::DataType type) {
  switch (type) {
    case v1::DATA_TYPE_INT8:
      return {-128, 127};
    case v1::DATA_TYPE_UINT8:
      return {0, 255};
    case v1::DATA_TYPE_FLOAT16:
      return {-2048, 2048};
    case v1::DATA_TYPE_BFLOAT16:
      return {-256, 256};
    case v1::DATA_TYPE_FLOAT32:
      return {-(int64_t{1} << 24), int64_t{1} << 24};
    default:
      return {-(int64_t{1} << 31), (int64_t{1} << 31) - 1};
  }
}

}  // namespace

absl::StatusOr<v1::Tensor> Generate(const v1::GeneratedTensor& generated, absl::string_view name,
                                    absl::string_view student_id) {
  const v1::DataType type =
      generated.data_type() == v1::DATA_TYPE_UNSPECIFIED ? v1::DATA_TYPE_FLOAT32 : generated.data_type();
  const int64_t low = generated.has_low() ? generated.low() : type == v1::DATA_TYPE_UINT8 ? 0 : -9;
  const int64_t high = generated.has_high() ? generated.high() : 9;
  const Range range = RangeOf(type);
  if (low > high || low < range.low || high > range.high) {
    return absl::InvalidArgumentError(absl::StrCat("generated: low ", low, " and high ", high,
                                                   " have to be in order, from ", range.low, " to ", range.high));
  }
  const std::vector<int64_t> shape(generated.shape().begin(), generated.shape().end());
  for (const int64_t size : shape) {
    if (size < 1) return absl::InvalidArgumentError("generated.shape: sizes have to be at least 1");
  }
  const std::optional<int64_t> count = ElementCount(shape);
  if (!count.has_value() || *count > kMaxGeneratedElements || shape.size() > 8) {
    return absl::InvalidArgumentError(
        absl::StrCat("generated.shape: has to have at most 8 axes and ", kMaxGeneratedElements, " elements"));
  }
  uint64_t seed = Mix(0xCBF29CE484222325U ^ generated.seed(), name);
  if (generated.per_student()) seed = Mix(seed, student_id);
  SplitMix64 random(seed);
  std::vector<double> elements(static_cast<size_t>(*count));
  const auto span = static_cast<uint64_t>(high - low) + 1;
  for (double& element : elements) element = static_cast<double>(low + static_cast<int64_t>(random.Below(span)));
  return MakeTensor(type, shape, elements);
}

bool IsPerStudent(const v1::Question& question) {
  return std::any_of(question.data().begin(), question.data().end(),
                     [](const auto& entry) { return entry.second.generated().per_student(); });
}

absl::StatusOr<v1::Question> WithData(v1::Question question, absl::string_view student_id) {
  for (const auto& [name, datum] : Sorted(question.data())) {
    if (!datum->has_generated()) continue;
    absl::StatusOr<v1::Tensor> tensor = Generate(datum->generated(), name, student_id);
    if (!tensor.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("data[", name, "].", tensor.status().message()));
    }
    *(*question.mutable_data())[name].mutable_tensor() = *std::move(tensor);
  }
  return question;
}

}  // namespace tensord::grading
