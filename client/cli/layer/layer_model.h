// A layer as a model of one node, for AnalyzeModel.
#ifndef TENSORD_CLI_LAYER_LAYER_MODEL_H_
#define TENSORD_CLI_LAYER_LAYER_MODEL_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/layer/kinds.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/model.pb.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::cli::layer {

// What the command line says. Sizes and types are as they were typed.
struct Choices {
  const Kind* kind = nullptr;  // never null
  std::vector<v1::Dimension> input_shape = {};
  std::optional<std::string> layout = std::nullopt;
  v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
  v1::DataType type = v1::DATA_TYPE_FLOAT32;
  bool has_bias = true;
  // Of the kind's arguments in files of models, by name: `units`, `slope`; each with the flag that it came from.
  struct Argument {
    std::string value;
    std::string flag;
  };
  std::map<std::string, Argument> arguments = {};
};

// A size in a formula, and what it is here.
struct Size {
  std::string name;  // C
  v1::Dimension value;
};

struct LayerModel {
  v1::AnalyzeModelRequest request;
  const Kind* kind = nullptr;
  v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
  v1::DataType type = v1::DATA_TYPE_FLOAT32;
  std::string letters;  // of the axes, as they were typed and are printed
  std::string
      sent_letters;  // of the axes of the tensor in the request: the same, in another order, and others of size 1
  std::vector<Size> input;       // whose product is the number of elements; those that were typed
  std::vector<Size> weight;      // likewise; empty where there is none
  std::vector<Size> bias;        // likewise
  std::vector<Size> output;      // likewise; without axes of size 1
  std::optional<Size> channels;  // of the input, where it has any
};

// `NAME` or `NAME:PARAMETER=VALUE,...` in the form of `activate --kind`: adds the parameters to `arguments`.
//
// Errors: kInvalidArgument, of --kind: a parameter that the kind does not take, twice, or without a value.
[[nodiscard]] absl::Status ParseParameters(const Kind& kind, absl::string_view text,
                                           std::map<std::string, Choices::Argument>& arguments);

// Lowers the layer by the table of files of models. The model has one node, but for a log-sigmoid, which are two, and a
// dense layer with a bias over more than one axis of samples, of which each is a product and a sum.
//
// Errors: kInvalidArgument, by the flag: what is missing, out of its range, or not what the kind takes.
[[nodiscard]] absl::StatusOr<LayerModel> MakeLayerModel(const Choices& choices);

}  // namespace tensord::cli::layer

#endif  // TENSORD_CLI_LAYER_LAYER_MODEL_H_
