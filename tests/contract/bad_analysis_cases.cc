#include <limits>

#include "tests/contract/bad_cases.h"
#include "tests/contract/requests.h"

namespace tensord::contract {

void AddAnalysisCases(Cases& cases) {
  const std::string analyze = std::string(kAnalysisService) + "AnalyzeLayer";
  const auto convolution = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(
        analyze, name, GoodAnalyzeConvolution(), [&](auto& r) { spoil(*r.mutable_convolution()); },
        "convolution." + field, text);
  };
  cases.Add(
      analyze, "LayerMissing", v1::AnalyzeLayerRequest(), [](auto&) {}, "layer", "was not given");
  cases.Add(
      analyze, "TypeUnknown", GoodAnalyzeConvolution(), [](auto& r) { r.set_data_type(static_cast<v1::DataType>(50)); },
      "data_type", "was 50");
  cases.Add(
      analyze, "PoolingKindMissing", GoodAnalyzePooling(), [](auto& r) { r.mutable_pooling()->clear_kind(); },
      "pooling.kind", "was not given");
  cases.Add(
      analyze, "NormsOfIntegers", GoodAnalyzePooling(),
      [](auto& r) {
        r.mutable_pooling()->set_kind(v1::POOLING_KIND_LP);
        r.set_data_type(v1::DATA_TYPE_INT8);
      },
      "data_type", "was int8, has to be a floating type for LP pooling");
  convolution(
      "SizeNegative", [](auto& l) { l.mutable_input_shape(0)->set_value(-1); }, "input_shape[0]", "was -1");
  convolution(
      "SizeZero", [](auto& l) { l.mutable_input_shape(0)->set_value(0); }, "input_shape[0]", "was 0");
  convolution(
      "SizeMissing", [](auto& l) { l.mutable_filter_shape(1)->clear_size(); }, "filter_shape[1]", "");
  convolution(
      "SymbolOfADigit", [](auto& l) { l.mutable_input_shape(0)->set_symbol("1N"); }, "input_shape[0]", "");
  convolution(
      "SymbolEndless", [](auto& l) { l.mutable_input_shape(0)->set_symbol(std::string(33, 'N')); }, "input_shape[0]",
      "");
  convolution(
      "StridesTwice",
      [](auto& l) {
        l.mutable_conventions()->add_strides(1);
        l.add_symbolic_strides()->set_symbol("s");
      },
      "symbolic_strides", "");
  cases.Add(
      analyze, "CountBeyond128Bits", GoodAnalyzeConvolution(),
      [](auto& r) {
        auto& layer = *r.mutable_convolution();
        for (int i = 0; i < 2; ++i) layer.mutable_input_shape(i)->set_value(std::numeric_limits<int64_t>::max());
        layer.mutable_filter_shape(3)->set_value(std::numeric_limits<int64_t>::max());
      },
      "convolution", "multiplication_count does not fit into 128 bits");
  const std::string model = std::string(kAnalysisService) + "AnalyzeModel";
  const auto network = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(model, name, GoodAnalyzeModel(), spoil, field, text);
  };
  network(
      "ModelMissing", [](auto& r) { r.clear_onnx(); }, "model", "was not given");
  network(
      "NoOnnx", [](auto& r) { r.set_onnx("\x89PNG\r\n"); }, "onnx", "");
  network(
      "OnnxCutShort", [](auto& r) { r.mutable_onnx()->pop_back(); }, "onnx", "");
  network(
      "DataInputThatIsNone", [](auto& r) { r.add_data_inputs("w"); }, "onnx", "\"w\"");
  network(
      "SymbolOfNothing", [](auto& r) { (*r.mutable_symbols())["N"] = 0; }, "symbols[\"N\"]", "was 0");
  network(
      "ExplainNoLayer", [](auto& r) { r.set_explain("comv"); }, "explain",
      "no layer is called \"comv\", the nearest are conv");
  network(
      "ExplainEndless", [](auto& r) { r.set_explain(std::string(2000, 'n')); }, "explain", "has 2000 bytes");
  const auto machine = [&](const std::string& name, double flops, double bytes, const std::string& field,
                           const std::string& text) {
    network(
        name,
        [=](auto& r) {
          r.mutable_machine()->set_flops_per_second(flops);
          r.mutable_machine()->set_bytes_per_second(bytes);
        },
        "machine." + field, text);
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  machine("MachineWithoutArithmetic", 0, 1, "flops_per_second", "was 0, has to be finite and above 0");
  machine("MachineOfNoNumber", std::numeric_limits<double>::quiet_NaN(), 1, "flops_per_second", "was nan");
  machine("MachineBackwards", 1, -2, "bytes_per_second", "was -2");
  machine("MachineWithoutEnd", 1, kInfinity, "bytes_per_second", "was inf");
  const std::string describe = std::string(kAnalysisService) + "DescribeDataset";
  const auto dataset = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(describe, name, GoodDescribeDataset(), spoil, field, text);
  };
  dataset(
      "NoAxes", [](auto& r) { r.clear_axes(); }, "axes", "");
  dataset(
      "NineAxes",
      [](auto& r) {
        for (int i = 0; i < 6; ++i) *r.add_axes() = r.axes(0);
      },
      "axes", "");
  dataset(
      "NameTwice", [](auto& r) { r.mutable_axes(1)->set_name("recording"); }, "axes[1].name", "");
  dataset(
      "NameEmpty", [](auto& r) { r.mutable_axes(1)->set_name(""); }, "axes[1].name", "");
  dataset(
      "NameOfControlCharacters", [](auto& r) { r.mutable_axes(1)->set_name("a\nb"); }, "axes[1].name", "");
  dataset(
      "SizeZero", [](auto& r) { r.mutable_axes(2)->mutable_size()->set_value(0); }, "axes[2].size", "was 0");
  dataset(
      "SizeMissing", [](auto& r) { r.mutable_axes(2)->clear_size(); }, "axes[2].size", "");
  dataset(
      "TypeUnknown", [](auto& r) { r.set_data_type(static_cast<v1::DataType>(50)); }, "data_type", "was 50");
}

}  // namespace tensord::contract
