// Answers about models, made by hand.
#ifndef TENSORD_TESTS_CLIENT_CLI_MODEL_MESSAGES_H_
#define TENSORD_TESTS_CLIENT_CLI_MODEL_MESSAGES_H_

#include <charconv>
#include <string>
#include <vector>

#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// A number, or an expression where it begins with something else than a digit.
inline v1::Count MakeCount(const std::string& text) {
  v1::Count count;
  if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) {
    count.set_expression(text);
    return count;
  }
  count.set_decimal(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) count.set_value(value);
  return count;
}

inline v1::ModelTensor MakeTensor(const std::string& name, const std::vector<std::string>& shape) {
  v1::ModelTensor tensor;
  tensor.set_name(name);
  tensor.set_element_type("float32");
  tensor.set_has_shape(true);
  for (const std::string& size : shape) *tensor.add_shape() = MakeCount(size);
  return tensor;
}

// A layer with an input and an output of these names, and counts.
inline v1::ModelLayer& AddLayer(v1::AnalyzeModelResponse& model, const std::string& name, const std::string& type,
                                const std::string& parameters = "0", const std::string& macs = "0") {
  v1::ModelLayer& layer = *model.add_layers();
  layer.set_name(name);
  layer.set_operator_(type);
  *layer.add_outputs() = MakeTensor(name + "_out", {"1", "4", "8", "8"});
  *layer.mutable_parameter_count() = MakeCount(parameters);
  *layer.mutable_buffer_count() = MakeCount("0");
  *layer.mutable_operations()->mutable_mac_count() = MakeCount(macs);
  return layer;
}

// What a layer sees along two axes, alike.
inline void AddField(v1::ModelLayer& layer, const std::string& size, const std::string& stride) {
  v1::ReceptiveField& field = *layer.add_receptive_fields();
  field.set_input("x");
  for (const int axis : {2, 3}) {
    v1::ReceptiveAxis& along = *field.add_axes();
    along.set_axis(axis);
    along.set_output_axis(axis);
    *along.mutable_size() = MakeCount(size);
    *along.mutable_stride()->mutable_numerator() = MakeCount(stride);
    *along.mutable_stride()->mutable_denominator() = MakeCount("1");
    *along.mutable_offset()->mutable_numerator() = MakeCount("-3");
    *along.mutable_offset()->mutable_denominator() = MakeCount("1");
  }
}

// What `model` is to be as a whole.
inline void SetTotals(v1::AnalyzeModelResponse& model, const std::string& parameters, const std::string& macs) {
  *model.mutable_parameter_count() = MakeCount(parameters);
  *model.mutable_buffer_count() = MakeCount("0");
  *model.mutable_operations()->mutable_mac_count() = MakeCount(macs);
}

}  // namespace tensord::cli

#endif  // TENSORD_TESTS_CLIENT_CLI_MODEL_MESSAGES_H_
