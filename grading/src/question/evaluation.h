// A question's data and what its steps give.
#ifndef TENSORD_GRADING_QUESTION_EVALUATION_H_
#define TENSORD_GRADING_QUESTION_EVALUATION_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grading/src/question/layer_facts.h"
#include "grading/src/question/value.h"
#include "tensord/grading/engine.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::grading {

// What has been computed. The question has to outlive it.
class Evaluation {
 public:
  // Runs the steps in order. `profile` holds for steps without one. An error's message is `FIELD: DESCRIPTION`.
  //
  // Errors:  kInvalidArgument - a name that there is not, a field that is no tensor of the operation, or what the
  // engine
  //          refuses; and the engine's other errors.
  [[nodiscard]] static absl::StatusOr<Evaluation> Run(const v1::Question& question, v1::ConventionProfile profile,
                                                      Engine& engine);

  // The value that a path names: `Z`, `layer.multiplication_count`, `model.layers[3].output_shape`. Error:
  // kInvalidArgument, which says what there is.
  [[nodiscard]] absl::StatusOr<Computed> Select(absl::string_view path) const;

  // The answers of the steps.
  [[nodiscard]] const std::map<std::string, std::unique_ptr<google::protobuf::Message>>& responses() const {
    return responses_;
  }

  // What it weighs in memory: bytes of all messages, in elements of 8 bytes.
  [[nodiscard]] int64_t element_count() const;

  // The same, to be changed.
  [[nodiscard]] Evaluation Copy() const;
  // The facts of a layer that was analysed, to be changed; null where its counts do not follow from facts.
  [[nodiscard]] LayerFacts* facts(const std::string& step, const v1::AnalyzeLayerRequest& request);
  // Writes what follows from facts that were asked for into the answers.
  void RestateLayers();

 private:
  [[nodiscard]] absl::StatusOr<v1::Tensor> TensorAt(absl::string_view path) const;
  absl::Status RunStep(const v1::Step& step, v1::ConventionProfile profile, Engine& engine);

  std::map<std::string, v1::Tensor> data_;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> responses_;
  std::map<std::string, std::optional<LayerFacts>> facts_;
};

// A status whose message begins with a field inside `field`; its payloads stay.
[[nodiscard]] absl::Status Below(absl::string_view field, const absl::Status& status);

// The operation of a step; null where there is none.
[[nodiscard]] const google::protobuf::Message* OperationOf(const v1::Step& step);
[[nodiscard]] google::protobuf::Message* MutableOperationOf(v1::Step& step);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_QUESTION_EVALUATION_H_
