// Correct answers that were computed in other ways are right, and answers with a slip are not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grading/src/plan.h"
#include "grading/src/question/value.h"
#include "grading/src/slips/slip.h"
#include "tensord/grading/grader.h"
#include "tests/grading/local_engine.h"

namespace tensord::grading {
namespace {

// Answers of each kind; the slow test asks for more.
int64_t SampleCount() {
  const char* const text = std::getenv("TENSORD_GRADING_SAMPLES");
  int64_t count = 0;
  return text != nullptr && absl::SimpleAtoi(text, &count) ? count : 2000;
}

// How a student's program may add up the products of one output element, in float32.
float Sequential(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float product = a[i] * b[i];
    sum += product;
  }
  return sum;
}

float Backwards(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (size_t i = a.size(); i-- > 0;) {
    const float product = a[i] * b[i];
    sum += product;
  }
  return sum;
}

float Fused(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum = std::fmaf(a[i], b[i], sum);
  return sum;
}

// Eight partial sums, as with vectors.
float Blocked(const std::vector<float>& a, const std::vector<float>& b) {
  float sums[8] = {};
  for (size_t i = 0; i < a.size(); ++i) sums[i % 8] += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

// As NumPy adds.
float Pairwise(const float* a, const float* b, size_t count) {
  if (count == 1) return *a * *b;
  const size_t half = count / 2;
  return Pairwise(a, b, half) + Pairwise(a + half, b + half, count - half);
}
float Pairwise(const std::vector<float>& a, const std::vector<float>& b) {
  return Pairwise(a.data(), b.data(), a.size());
}

// In double, rounded at the end.
float Doubled(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return static_cast<float>(sum);
}

using Sum = float (*)(const std::vector<float>&, const std::vector<float>&);
constexpr Sum kSums[] = {&Sequential, &Backwards, &Fused, &Blocked, &Pairwise, &Doubled};

// A one-dimensional convolution with channels: x [N,C], w [K,C,O], sizes at random, of numbers that round.
struct Layer {
  int64_t length, channels, window, outputs;
  std::vector<double> x, w;

  explicit Layer(std::mt19937& random) {
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
    channels = pick(1, 24);
    window = pick(1, 9);
    outputs = pick(1, 3);
    length = window + pick(0, 4);
    std::normal_distribution<float> normal;
    const float scale = std::ldexp(1.0F, static_cast<int>(pick(-20, 20)));
    for (int64_t i = 0; i < length * channels; ++i) x.push_back(static_cast<double>(normal(random) * scale));
    for (int64_t i = 0; i < window * channels * outputs; ++i) w.push_back(static_cast<double>(normal(random)));
  }

  [[nodiscard]] v1::Assignment Assignment() const {
    v1::Assignment assignment;
    assignment.set_id("rounding");
    v1::Question& question = *assignment.add_questions();
    question.set_id("1");
    *(*question.mutable_data())["x"].mutable_tensor() = MakeTensor(v1::DATA_TYPE_FLOAT32, {length, channels}, x);
    *(*question.mutable_data())["w"].mutable_tensor() =
        MakeTensor(v1::DATA_TYPE_FLOAT32, {window, channels, outputs}, w);
    v1::Step& step = *question.add_steps();
    step.set_name("z");
    (*step.mutable_tensors())["input"] = "x";
    (*step.mutable_tensors())["filter"] = "w";
    step.mutable_convolve();
    v1::Part& part = *question.add_parts();
    part.set_id("a");
    part.add_of("z");
    part.mutable_tensor();
    return assignment;
  }

  // The answer, its terms in an order of their own.
  [[nodiscard]] v1::Tensor Answer(Sum sum, const std::vector<size_t>& order) const {
    const int64_t positions = length - window + 1;
    std::vector<double> z;
    for (int64_t i = 0; i < positions; ++i) {
      for (int64_t o = 0; o < outputs; ++o) {
        std::vector<float> a;
        std::vector<float> b;
        for (const size_t term : order) {
          const auto k = static_cast<int64_t>(term) / channels;
          const auto c = static_cast<int64_t>(term) % channels;
          a.push_back(static_cast<float>(x[static_cast<size_t>((i + k) * channels + c)]));
          b.push_back(static_cast<float>(w[static_cast<size_t>((k * channels + c) * outputs + o)]));
        }
        z.push_back(static_cast<double>(sum(a, b)));
      }
    }
    return MakeTensor(v1::DATA_TYPE_FLOAT32, {positions, outputs}, z);
  }
};

std::unique_ptr<Grader> MakeGrader(const v1::Assignment& assignment, Engine& engine) {
  absl::StatusOr<Grader::Made> made = Grader::Create(assignment, engine, {.engine_version = "test"});
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return nullptr;
  EXPECT_TRUE(made->faults.empty()) << made->faults[0].DebugString();
  return std::move(made->grader);
}

v1::GradedPart GradeTensor(const Grader& grader, const v1::Tensor& tensor) {
  v1::Submission submission;
  submission.set_id("s");
  *(*submission.mutable_answers())["1a"].mutable_tensor() = tensor;
  const absl::StatusOr<v1::GradedSubmission> graded = grader.Grade(submission);
  EXPECT_TRUE(graded.ok()) << graded.status();
  return graded.ok() ? graded->parts(0) : v1::GradedPart();
}

TEST(RoundingTest, WhatAnyOrderOfSummationGivesIsRight) {
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same every time
  int64_t differing = 0;    // from what the grader itself computed
  const int64_t samples = SampleCount();
  for (int64_t done = 0; done < samples;) {
    const Layer layer(random);
    LocalEngine engine;
    const std::unique_ptr<Grader> grader = MakeGrader(layer.Assignment(), engine);
    ASSERT_NE(grader, nullptr);
    std::vector<size_t> order(static_cast<size_t>(layer.window * layer.channels));
    std::iota(order.begin(), order.end(), 0);
    std::set<std::string> answers;
    for (int shuffle = 0; shuffle < 4; ++shuffle) {
      for (const Sum sum : kSums) {
        const v1::Tensor answer = layer.Answer(sum, order);
        answers.insert(answer.SerializeAsString());
        const v1::GradedPart part = GradeTensor(*grader, answer);
        ASSERT_EQ(part.verdict(), v1::OUTCOME_RIGHT) << part.DebugString();
        ++done;
      }
      std::shuffle(order.begin(), order.end(), random);
    }
    differing += static_cast<int64_t>(answers.size()) - 1;
  }
  // The test would say nothing, were all of them the same numbers.
  EXPECT_GT(differing, samples / 10);
}

// An answer that is off by a hundredth of what its terms come to is never taken for rounding, however they cancel.
TEST(RoundingTest, WhatRoundingDoesNotExplainIsWrong) {
  std::mt19937 random(12);  // NOLINT(cert-msc51-cpp): the same every time
  for (int64_t done = 0; done < SampleCount() / 4; ++done) {
    const Layer layer(random);
    LocalEngine engine;
    const std::unique_ptr<Grader> grader = MakeGrader(layer.Assignment(), engine);
    ASSERT_NE(grader, nullptr);
    std::vector<size_t> order(static_cast<size_t>(layer.window * layer.channels));
    std::iota(order.begin(), order.end(), 0);
    v1::Tensor answer = layer.Answer(&Doubled, order);
    Layer absolute = layer;
    for (std::vector<double>* values : {&absolute.x, &absolute.w}) {
      for (double& value : *values) value = std::fabs(value);
    }
    const double terms = *absolute.Answer(&Doubled, order).doubles().values().begin();
    *answer.mutable_doubles()->mutable_values()->begin() += terms / 100;
    const v1::GradedPart part = GradeTensor(*grader, answer);
    EXPECT_EQ(part.verdict(), v1::OUTCOME_WRONG);
    EXPECT_EQ(part.difference().differing_count(), 1);
  }
}

// By slip, how many answers with it were not marked wrong: those of which the audit says so, and no other.
TEST(RoundingTest, AnswersWithASlipAreAcceptedOnlyWhereTheAuditSaysSo) {
  std::mt19937 random(13);  // NOLINT(cert-msc51-cpp): the same every time
  int64_t accepted = 0;
  int64_t made = 0;
  const int64_t samples = SampleCount();
  while (made < samples) {
    const v1::Assignment assignment = Layer(random).Assignment();
    LocalEngine engine;
    const std::unique_ptr<Grader> grader = MakeGrader(assignment, engine);
    ASSERT_NE(grader, nullptr);
    const absl::StatusOr<std::vector<v1::PartAudit>> audit = grader->Audit();
    ASSERT_TRUE(audit.ok()) << audit.status();
    const std::set<std::string> unseen(audit->at(0).unseen_slips().begin(), audit->at(0).unseen_slips().end());
    const auto plan = Plan::Create(assignment.questions(0), v1::CONVENTION_PROFILE_UNSPECIFIED, engine, 1 << 20);
    ASSERT_TRUE(plan.ok()) << plan.status();
    for (size_t slip = 0; slip < Catalogue().size(); ++slip) {
      const auto slipped = (*plan)->Under(0, {slip});
      ASSERT_TRUE(slipped.ok()) << slipped.status();
      if (!(*slipped)->differs) continue;
      const auto& value = std::get<TensorValue>((*slipped)->values.front());
      const v1::GradedPart part = GradeTensor(*grader, MakeTensor(value.type, value.shape, value.elements));
      ++made;
      const std::string id(Catalogue()[slip].id);
      if (part.verdict() == v1::OUTCOME_WRONG) {
        EXPECT_EQ(unseen.count(id), 0U) << id;
        continue;
      }
      ++accepted;
      EXPECT_EQ(unseen.count(id), 1U) << id << " was accepted, and the audit does not say so";
    }
  }
  RecordProperty("made", static_cast<int>(made));
  RecordProperty("accepted", static_cast<int>(accepted));
  std::cout << accepted << " of " << made << " answers with a slip were accepted, as the audits say\n";
}

}  // namespace
}  // namespace tensord::grading
