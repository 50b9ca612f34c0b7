// A question, checked and resolved.
#ifndef TENSORD_GRADING_SRC_FORMULA_MODEL_H_
#define TENSORD_GRADING_SRC_FORMULA_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grading/src/formula/field.h"
#include "grading/src/formula/instance.h"
#include "grading/src/formula/names.h"
#include "grading/src/formula/program.h"
#include "tensord/grading/formula_question.h"

namespace tensord::grading::formula {

enum class Use {
  kFree,      // an answer may read it
  kCircular,  // is what is asked for, or depends on it
  kNotGiven,  // a derivative that nothing gives
};

struct ModelTensor {
  std::string name;                    // as the question writes it, or "dJ/dZ"
  std::vector<IndexExpression> sizes;  // names: symbols
  std::vector<std::string> indices;    // canonical; how it is indexed where an answer leaves its indices out
  bool defined = false;                // by definitions
  std::optional<size_t> gradient;      // of a tensor: the derivative by it
  Use use = Use::kFree;
};

struct Definition {
  size_t tensor = 0;
  Program program;
};

struct Model {
  Names names;
  std::vector<std::string> symbols;                    // as the question writes them
  std::vector<int64_t> minima;                         // of the symbols
  Tree symbol_tree;                                    // its names: the symbols, canonical
  std::map<std::string, IndexExpression> index_sizes;  // by canonical name
  std::vector<std::string> index_order;                // canonical names as the question has them
  std::vector<ModelTensor> tensors;                    // those of the question, then the derivatives by them
  std::vector<Definition> definitions;
  size_t target = 0;
  std::vector<std::string> free_names;  // of the target, canonical
  std::string target_text;
  std::optional<size_t> seed_gradient;  // the tensor whose derivative is given (or is 1, for the objective)
  bool seed_is_one = false;
  OutsideRule outside = OutsideRule::kError;
  uint64_t seed = 1;
  bool rational = true;             // the definitions have no functions but arithmetic
  std::vector<double> log_degrees;  // of the tensors: see LogDegree()

  std::vector<std::vector<int64_t>> settings;        // sizes for which answers are decided
  std::vector<Instance<FieldArithmetic>> instances;  // kTrials a setting
  std::vector<std::vector<int64_t>> growing;         // sizes for counter-examples, from the smallest on
};

// Errors: as FormulaJudge::Create().
absl::StatusOr<Model> CreateModel(const FormulaQuestion& question);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_MODEL_H_
