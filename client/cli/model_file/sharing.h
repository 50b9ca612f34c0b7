// Parameters that layers have together.
#ifndef TENSORD_CLI_MODEL_FILE_SHARING_H_
#define TENSORD_CLI_MODEL_FILE_SHARING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/model_file/builder.h"

namespace tensord::cli::model_file {

// A parameter of a layer, or a statistic: its name in the model, what it is to the layer ("weight"), and its sizes, of
// which some are open.
struct Parameter {
  std::string name;
  std::string part;
  std::vector<int64_t> shape;
};

// What a layer has, in the order in which it takes it. Never changed, as many may know of it; null where there is none.
using ParameterList = std::shared_ptr<const std::vector<Parameter>>;

// "weight [4,open,3,3] and bias [4]"; "no parameters".
[[nodiscard]] std::string Describe(const std::vector<Parameter>& parameters);

// Where a layer's parameters come from: they are made for it, or are those of another one.
class ParameterSource {
 public:
  // Makes them where `shared` is null.
  explicit ParameterSource(ParameterList shared = nullptr) : shared_(std::move(shared)) {}

  // The name of the next one, called `name` where it is made. Of one that the other layer has not, or has in another
  // shape, nothing is made; fits() tells.
  [[nodiscard]] std::string Take(Builder& builder, absl::string_view name, absl::string_view part,
                                 const std::vector<int64_t>& shape);

  // What the layer asked for; behind Take() for each, with the names of those that it got.
  [[nodiscard]] ParameterList taken() const;
  // Whether what the layer asked for is what the other one has, no more and no less.
  [[nodiscard]] bool fits() const;

 private:
  ParameterList shared_;
  std::vector<Parameter> taken_;
};

// An iteration of a repetition whose parameters are shared: the first one notes what each layer took, and in those
// behind it the same layers, in the same order, take it again.
struct Iteration {
  Iteration* around = nullptr;  // of such a repetition around this one
  bool is_first = true;
  std::vector<ParameterList> layers = {};
  size_t next = 0;
};

// What the next layer has to take; null where that is its own.
[[nodiscard]] ParameterList NextOf(Iteration* innermost);
// Notes what a layer took in every iteration that is the first.
void Note(Iteration* innermost, const ParameterList& taken);

}  // namespace tensord::cli::model_file

#endif  // TENSORD_CLI_MODEL_FILE_SHARING_H_
