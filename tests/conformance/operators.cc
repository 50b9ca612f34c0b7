#include "tests/conformance/operators.h"

#include <map>

namespace tensord::conformance {

Runner FindRunner(const std::string& op_type) {
  static const std::map<std::string, Runner>& runners = *new std::map<std::string, Runner>{
      {"AveragePool", RunPool},
      {"Celu", RunElementwise},
      {"Clip", RunClip},
      {"Conv", RunConv},
      {"ConvInteger", RunConvInteger},
      {"ConvTranspose", RunConvTranspose},
      {"Elu", RunElementwise},
      {"Erf", RunElementwise},
      {"Gelu", RunElementwise},
      {"GlobalAveragePool", RunPool},
      {"GlobalLpPool", RunPool},
      {"GlobalMaxPool", RunPool},
      {"HardSigmoid", RunElementwise},
      {"HardSwish", RunElementwise},
      {"Identity", RunElementwise},
      {"LeakyRelu", RunElementwise},
      {"LogSoftmax", RunSoftmax},
      {"LpPool", RunPool},
      {"MaxPool", RunPool},
      {"MaxUnpool", RunMaxUnpool},
      {"Mish", RunElementwise},
      {"PRelu", RunPRelu},
      {"QLinearConv", RunQLinearConv},
      {"Relu", RunElementwise},
      {"Selu", RunSelu},
      {"Sigmoid", RunElementwise},
      {"Softmax", RunSoftmax},
      {"Softplus", RunElementwise},
      {"Softsign", RunElementwise},
      {"Tanh", RunElementwise},
      {"ThresholdedRelu", RunElementwise},
  };
  const auto found = runners.find(op_type);
  return found == runners.end() ? nullptr : found->second;
}

}  // namespace tensord::conformance
