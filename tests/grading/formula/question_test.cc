// Faults of questions are named by field.
#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "tests/grading/formula/questions.h"
#include "tests/support/matchers.h"

namespace tensord::grading {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

void ExpectFault(const std::function<void(FormulaQuestion*)>& change, const std::string& text) {
  FormulaQuestion question = MatrixQuestion("dJ/dA[i,k]", "C");
  ASSERT_THAT(FormulaJudge::Create(question), IsOk());
  change(&question);
  EXPECT_THAT(FormulaJudge::Create(question), StatusIs(absl::StatusCode::kInvalidArgument, text));
}

TEST(FormulaQuestionTest, NamesAreCheckedByField) {
  ExpectFault([](FormulaQuestion* q) { q->symbols[1].name = "N"; }, "symbols[1].name: N is taken");
  ExpectFault([](FormulaQuestion* q) { q->symbols[0].name = "1N"; }, "symbols[0].name: has to be a name");
  ExpectFault([](FormulaQuestion* q) { q->symbols[0].minimum = 0; }, "symbols[0].minimum: has to be from 1");
  ExpectFault([](FormulaQuestion* q) { q->indices[1].name = "i"; }, "indices[1].name: i is taken");
  ExpectFault([](FormulaQuestion* q) { q->indices[0].size = "Q"; }, "indices[0].size: has to be made of symbols");
  ExpectFault([](FormulaQuestion* q) { q->indices[0].size = "N/2"; }, "indices[0].size: has to be made of symbols");
  ExpectFault([](FormulaQuestion* q) { q->tensors[1].name = "A"; }, "tensors[1].name: A is taken");
  ExpectFault([](FormulaQuestion* q) { q->tensors[0].sizes[1] = ""; },
              "tensors[0].sizes[1]: has to be made of symbols");
  ExpectFault([](FormulaQuestion* q) { q->tensors[0].indices = {"i"}; },
              "tensors[0].indices: has to be empty or one name an axis");
  ExpectFault([](FormulaQuestion* q) { q->tensors[0].aliases = {"B"}; }, "tensors[1].name: B is taken");
  ExpectFault(
      [](FormulaQuestion* q) {
        q->gradient_names = {{"Q", {"g"}}};
      },
      "gradient_names[0].tensor: has to be the name");
  ExpectFault(
      [](FormulaQuestion* q) {
        q->gradient_names = {{"C", {"A"}}};
      },
      "gradient_names[0].aliases[0]: A is taken");
  ExpectFault([](FormulaQuestion* q) { q->objective = "+"; }, "objective: has to be a name");
  ExpectFault([](FormulaQuestion* q) { q->symbols.resize(65); }, "symbols: has 65 entries");
  ExpectFault([](FormulaQuestion* q) { q->tensors[0].sizes.assign(9, "N"); }, "tensors[0].sizes: at most 8 axes");
}

TEST(FormulaQuestionTest, DefinitionsAreChecked) {
  const auto with = [](const std::string& definition) {
    return [definition](FormulaQuestion* q) { q->definitions[0] = definition; };
  };
  ExpectFault(with("sum(k) A[i,k]"), "definitions[0]: ");
  ExpectFault(with("C[i,j]"), "definitions[0]: has to be one equation");
  ExpectFault(with("C[i,j] = "), "definitions[0]: a value is missing");
  ExpectFault(with("C[i,j] = Q[i,j]"), "definitions[0]: Q is not a tensor");
  ExpectFault(with("C[i,j] = C[i,j]"), "definitions[0]: C stands on both sides");
  ExpectFault(with("C[i,q] = A[i,0]"), "definitions[0]: q is not one of the indices");
  ExpectFault(with("C[i,i] = A[i,0]"), "definitions[0]: i is there twice");
  ExpectFault(with("C[i,j] = sum(q) A[i,q]"), "definitions[0]: q is not one of the indices");
  ExpectFault(with("C[i,j] = A[i,k]"), "definitions[0]: k is neither an index");
  ExpectFault(with("C[i,j] = A[i]"), "definitions[0]: A has 2 indices");
  ExpectFault(with("C[i,j] = sum(k) A[i,k+1]"), "definitions: read a tensor outside its shape");
  ExpectFault(with("C[i,j] = 1/(A[i,0]-A[i,0])"), "definitions: divide by zero");
}

TEST(FormulaQuestionTest, TheTargetIsChecked) {
  const auto with = [](const std::string& target, const std::string& given) {
    return [=](FormulaQuestion* q) {
      q->target = target;
      q->given_gradient = given;
    };
  };
  ExpectFault(with("Q[i]", "C"), "target: has to be a defined tensor or a derivative");
  ExpectFault(with("A[i,k]", ""), "target: is given");
  ExpectFault(with("dJ/dA[i]", "C"), "target: dJ/dA needs 2 different indices");
  ExpectFault(with("dJ/dA[i,i]", "C"), "target: dJ/dA needs 2 different indices");
  ExpectFault(with("dJ/dD[i,j]", "C"), "target: C does not depend");
  ExpectFault(with("dJ/dC[i,j]", "C"), "target: C does not depend");
  ExpectFault(with("dJ/dA[i,k]", "B"), "given_gradient: has to be a defined tensor");
  ExpectFault(with("C[i,j]", "D"), "given_gradient: is only for");
  ExpectFault(with("", "C"), "target: ");
}

TEST(FormulaQuestionTest, SizesThatFitNothingAreAFault) {
  ExpectFault([](FormulaQuestion* q) { q->indices[0].size = "N - N"; }, "symbols: no small sizes");
  ExpectFault([](FormulaQuestion* q) { q->tensors[0].sizes[0] = "N * 100000"; }, "symbols: no small sizes");
}

TEST(FormulaQuestionTest, AScalarObjectiveNeedsNoGivenDerivative) {
  FormulaQuestion question = MatrixQuestion("dJ/dA[i,k]", "");
  EXPECT_THAT(FormulaJudge::Create(question), IsOk());
  question.definitions[2] = "J[i] = D[i,0]";
  EXPECT_THAT(FormulaJudge::Create(question),
              StatusIs(absl::StatusCode::kInvalidArgument, "objective: J has to be a scalar"));
}

}  // namespace
}  // namespace tensord::grading
