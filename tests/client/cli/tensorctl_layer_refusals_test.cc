// The program itself: what `analyze layer` refuses of layers that are no windows over planes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/cli/process.h"

namespace tensord::cli {
namespace {

using ::testing::HasSubstr;

ProcessResult Layer(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"analyze", "layer"});
  return RunProcess(TENSORCTL, arguments);
}

struct Refusal {
  const char* name;
  std::vector<std::string> arguments;
  const char* message;
  int exit_code = 2;
};

TEST(LayerRefusalsTest, SayWhatIsWrong) {
  const std::vector<Refusal> refusals = {
      {"NoUnits", {"--kind", "dense", "--input-shape", "N,256"}, "--units: it is missing\nexpected: how many outputs"},
      {"NoGroups", {"--kind", "group-norm", "--input-shape", "N,8,8,8"}, "--groups: it is missing\nexpected: how many"},
      {"NoSize", {"--kind", "lrn", "--input-shape", "N,8,8,8"}, "--size: it is missing\nexpected: how many"},
      {"NoShape", {"--kind", "relu"}, "--input-shape is required"},
      {"BadUnits",
       {"--kind", "dense", "--input-shape", "N,8", "--units", "x"},
       "--units: was \"x\", has to be a whole"},
      {"NoUnitsOfRows", {"--kind", "dense", "--input-shape", "N,T,8", "--units", "0"}, "--units: was 0, has to be"},
      {"Window",
       {"--kind", "dense", "--input-shape", "N,8", "--units", "3", "--window", "2"},
       "--window: it says nothing of a dense layer\nexpected: --kind, --input-shape"},
      {"Filter",
       {"--kind", "relu", "--input-shape", "N,8", "--filter-shape", "3"},
       "--filter-shape: it says nothing of"},
      {"Bias", {"--kind", "relu", "--input-shape", "N,8", "--no-bias"}, "--no-bias: it says nothing of a relu layer"},
      {"UnitsOfConvolution", {"--input-shape", "8", "--filter-shape", "3", "--units", "2"}, "--kind dense beside it"},
      {"SizeOfPooling", {"--kind", "max", "--input-shape", "8", "--size", "2"}, "--size: it says nothing of a pooling"},
      {"OtherParameter", {"--kind", "relu:slope=1", "--input-shape", "8"}, "relu takes no parameter 'slope' here"},
      {"NearParameter", {"--kind", "elu:alpa=1", "--input-shape", "8"}, "(did you mean alpha?)\nexpected: alpha"},
      {"NoValue", {"--kind", "elu:alpha", "--input-shape", "8"}, "the parameter alpha has no value"},
      {"BadValue", {"--kind", "elu:alpha=x", "--input-shape", "8"}, "--kind: alpha: was \"x\", has to be a finite"},
      {"Twice", {"--kind", "elu:alpha=1,alpha=2", "--input-shape", "8"}, "the parameter alpha is given twice"},
      {"Form",
       {"--kind", "gelu:form=x", "--input-shape", "8"},
       "--kind: form: was \"x\", has to be one of exact, tanh"},
      {"Axis", {"--kind", "softmax", "--axis", "C", "--input-shape", "N,8"}, "--axis: was 'C'\nexpected: a letter of"},
      {"AxisBeyond", {"--kind", "layer-norm", "--axis", "2", "--input-shape", "N,8"}, "or an index, -2..1"},
      {"AxisOfPytorch", {"--kind", "softmax", "--profile", "pytorch", "--input-shape", "N,8"}, "--axis: it is missing"},
      {"NoChannels",
       {"--kind", "batch-norm", "--input-shape", "8,8", "--layout", "HW"},
       "--layout: batch-norm needs cha"},
      {"NoChannelsOfAPlane",
       {"--kind", "batch-norm", "--input-shape", "8,8"},
       "--input-shape: batch-norm needs channels, and the axes are HW\nexpected: e.g. --layout NC, or --input-shape "
       "N,32,32,64, which is NHWC"},
      {"NoChannelsOfALine",
       {"--kind", "group-norm", "--groups", "2", "--input-shape", "8", "--profile", "onnx"},
       "--input-shape: group-norm needs channels, and the axes are W\nexpected: e.g. --layout C, or --input-shape "
       "N,64,32,32, which is NCHW"},
      {"NoChannelsBesideSpace",
       {"--kind", "instance-norm", "--input-shape", "8,8"},
       "--input-shape: instance-norm needs channels, and the axes are HW\nexpected: e.g. --layout WC, or "
       "--input-shape"},
      {"NoChannelsBesideSpaceFirst",
       {"--kind", "instance-norm", "--input-shape", "8,8", "--profile", "pytorch"},
       "and the axes are HW\nexpected: e.g. --layout CW, or --input-shape N,64"},
      {"NoLayoutOfALineFits",
       {"--kind", "instance-norm", "--input-shape", "8"},
       "and the axes are W\nexpected: --input-shape N,32,32,64"},
      {"NoSpace",
       {"--kind", "instance-norm", "--input-shape", "8,8", "--layout", "NC"},
       "--layout: instance-norm needs a spatial axis, and the axes are NC\nexpected: e.g. --layout WC"},
      {"NoSpaceOfAPooling",
       {"--kind", "global-max", "--input-shape", "8,8", "--layout", "NC"},
       "--layout: global-max needs a spatial axis, and the axes are NC\nexpected: e.g. --layout HW"},
      {"Divisor",
       {"--kind", "group-norm", "--input-shape", "N,8,8,10", "--groups", "3"},
       "--groups: was 3\nexpected: a divisor of the 10 channels"},
      {"Zero",
       {"--kind", "relu", "--input-shape", "N,0"},
       "--input-shape: size 1, of axis W, was 0\nexpected: at least 1"},
      {"ZeroHeight", {"--kind", "relu", "--input-shape", "0,8"}, "--input-shape: size 0, of axis H, was 0"},
      {"Rank", {"--kind", "relu", "--input-shape", "1,2,3,4,5,6"}, "--input-shape: has 6 sizes\nexpected: 1 to 5"},
      {"Layout", {"--kind", "relu", "--input-shape", "8,8", "--layout", "NN"}, "--layout: was 'NN', for 2 sizes"},
      {"LayoutOfDense",
       {"--kind", "dense", "--input-shape", "8,8", "--units", "2", "--layout", "CN"},
       "--layout: was CN, and a dense layer's features are its last axis"},
      {"Type",
       {"--kind", "relu", "--input-shape", "8", "--type", "int8"},
       "--type: was int8, and relu is for floating"},
      {"Symbol", {"--kind", "relu", "--input-shape", std::string(33, 'N')}, "is a symbol of 33 letters"},
      {"Kind",
       {"--kind", "densee", "--input-shape", "8"},
       "'densee' is not known (did you mean dense?)\nexpected: conv"},
      {"ParametersOfPooling", {"--kind", "max:p=1", "--input-shape", "8"}, "--kind: max takes no parameters"},
      {"Overflow",
       {"--kind", "relu", "--input-shape", "9223372036854775807,9223372036854775807,9223372036854775807"},
       "--input-shape: graph: node \"relu\" (Relu): does not fit into 128 bits",
       1},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.name);
    const ProcessResult result = Layer(refusal.arguments);
    EXPECT_EQ(result.exit_code, refusal.exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(refusal.message));
  }
}

}  // namespace
}  // namespace tensord::cli
