#include <limits>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

// Sets index `i` of the message's bytes.
void SetIndex(v1::Tensor& indices, size_t i, int64_t value) {
  indices.mutable_data()->replace(i * sizeof(value), sizeof(value), reinterpret_cast<const char*>(&value),
                                  sizeof(value));
}

template <typename Request>
void AddIndexCases(const std::string& rpc, const Request& good, Cases& cases) {
  const auto add = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(std::string(kTensorService) + rpc, name, good, spoil, field, text);
  };
  AddTensorCases(
      rpc, good, "indices", [](auto& r) { return r.mutable_indices(); }, cases);
  add(
      "IndicesMissing", [](auto& r) { r.clear_indices(); }, "indices", "was not given, is required");
  add(
      "IndicesOfFloats",
      [](auto& r) {
        *r.mutable_indices() = Ramp({2, 2, 2, 3});
      },
      "indices.data_type", "was DATA_TYPE_FLOAT32, has to be an integer type");
  add(
      "IndicesAsDoubles",
      [](auto& r) {
        for (int i = 0; i < 24; ++i) r.mutable_indices()->mutable_doubles()->add_values(0);
      },
      "indices.doubles", "was given, has to be left out");
  add(
      "IndexThatItsTypeCannotHold",
      [](auto& r) {
        r.mutable_indices()->set_data_type(v1::DATA_TYPE_INT8);
        for (int i = 0; i < 24; ++i) r.mutable_indices()->mutable_integers()->add_values(i == 7 ? 128 : 0);
      },
      "indices.integers.values[7]", "was 128, which int8 does not represent");
  add(
      "IndexRangeUnknown", [](auto& r) { r.set_index_range(static_cast<v1::IndexRange>(7)); }, "index_range",
      "was 7, has to be one of PLANE, WINDOW");
  add(
      "ProfileUnknown", [](auto& r) { r.set_profile(static_cast<v1::ConventionProfile>(42)); }, "profile", "was 42");
  const struct {
    const char* name;
    int64_t value;
    const char* text;
  } rows[] = {{"IndexPastThePlane", 20, "was 20, has to be 0..5, an element of its own window"},
              {"IndexOfAnotherWindow", 2, "was 2, has to be 0..5, an element of its own window"},
              {"IndexNegative", -1, "was -1, has to be 0..5"},
              {"IndexOf2To32", int64_t{1} << 32, "was 4294967296, has to be 0..5"},
              {"IndexOf2To63", std::numeric_limits<int64_t>::max(), "was 9223372036854775807"},
              {"IndexOfMinus2To63", std::numeric_limits<int64_t>::min(), "was -9223372036854775808"}};
  for (const auto& row : rows) {
    add(
        row.name, [&](auto& r) { SetIndex(*r.mutable_indices(), 1, row.value); }, "indices[1]", row.text);
  }
  add(
      "IndexOfTheWholePlane",
      [](auto& r) {
        r.set_index_range(v1::INDEX_RANGE_PLANE);
        SetIndex(*r.mutable_indices(), 23, 20);
      },
      "indices[23]", "was 20, has to be 0..19, an element of its own plane");
}

}  // namespace

void AddUnpoolingCases(Cases& cases) {
  AddIndexCases("Unpool", GoodUnpool(), cases);
  AddIndexCases("UnpoolBackward", GoodUnpoolBackward(), cases);
  const auto unpool = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(std::string(kTensorService) + "Unpool", name, GoodUnpool(), spoil, field, text);
  };
  AddTensorCases(
      "Unpool", GoodUnpool(), "input", [](auto& r) { return r.mutable_input(); }, cases);
  unpool(
      "InputMissing", [](auto& r) { r.clear_input(); }, "input", "was not given, is required");
  unpool(
      "IndicesOfOtherShape", [](auto& r) { r.mutable_indices()->set_shape(3, 4); }, "indices.shape",
      "was [2, 2, 2, 4], has to be [2, 2, 2, 3], the input's shape");
  unpool(
      "ShapeThatIsPooledToAnother", [](auto& r) { r.set_output_shape(1, 6); }, "output_shape",
      "was [2, 6, 4, 3], is pooled to [2, 3, 2, 3]; has to be a shape that is pooled to [2, 2, 2, 3]");
  unpool(
      "ShapeOfOtherRank", [](auto& r) { r.mutable_output_shape()->RemoveLast(); }, "output_shape",
      "had rank 3, has to have rank 4");
  unpool(
      "ShapeOfNineAxes",
      [](auto& r) {
        for (int i = 0; i < 5; ++i) r.add_output_shape(1);
      },
      "output_shape", "had 9 entries");
  unpool(
      "ShapeWithAZero", [](auto& r) { r.set_output_shape(1, 0); }, "output_shape[1]", "was 0, has to be 1..");
  unpool(
      "ShapeWithANegativeSize", [](auto& r) { r.set_output_shape(2, -4); }, "output_shape[2]", "was -4");
  unpool(
      "ShapeWith2To63", [](auto& r) { r.set_output_shape(1, std::numeric_limits<int64_t>::max()); }, "output_shape[1]",
      "was 9223372036854775807");
  unpool(
      "GlobalWithoutShape",
      [](auto& r) {
        r.clear_output_shape();
        r.clear_conventions();
        r.mutable_conventions()->set_window_mode(v1::WINDOW_MODE_GLOBAL);
      },
      "output_shape", "was not given, is required where window_mode is GLOBAL");
  AddTensorCases(
      "UnpoolBackward", GoodUnpoolBackward(), "output_gradient", [](auto& r) { return r.mutable_output_gradient(); },
      cases);
  cases.Add(
      std::string(kTensorService) + "UnpoolBackward", "GradientOfOtherShape", GoodUnpoolBackward(),
      [](auto& r) {
        *r.mutable_output_gradient() = Ramp({2, 6, 4, 3});
      },
      "output_gradient.shape", "is pooled to [2, 3, 2, 3]");
}

}  // namespace tensord::contract
