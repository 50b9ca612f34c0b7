// Right answers as students write them, and wrong ones that look like them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/grading/formula/questions.h"

namespace tensord::grading {
namespace {

struct Style {
  std::string target;
  std::string given;
  std::vector<std::string> right;
  std::vector<std::string> wrong;
};

const std::vector<Style>& ConvolutionStyles() {
  static const auto* const kStyles = new std::vector<Style>{
      {"Z[i,j1,j2,m]",
       "",
       {"sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]",
        "b[m] + sum_{k1,k2,n} X[i,j1+k1,j2+k2,n] W[k1,k2,n,m]",
        "Z[i,j1,j2,m] = sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]",
        "Z = sum over k1, k2, n of W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]",
        "Z[r,s,t,u] = sum(k1,k2,n) W[k1,k2,n,u] * X[r,s+k1,t+k2,n] + b[u]",
        R"(\sum_{k_1,k_2,n} W[k_1,k_2,n,m] X[i,j_1+k_1,j_2+k_2,n] + b[m])",
        R"($$Z_{i,j_1,j_2,m} = \sum_{k_1}\sum_{k_2}\sum_n W_{k_1,k_2,n,m}\,X_{i,j_1+k_1,j_2+k_2,n} + b_m$$)",
        R"(\sum\limits_{k_1=0}^{Kh-1} \sum\limits_{k_2=0}^{Kw-1} \sum\limits_{n=0}^{C-1} W_{k_1 k_2 n m} \cdot X_{i, j_1+k_1, j_2+k_2, n} + b_m)",
        "sum(k1=0..Kh-1, k2=0..Kw-1, n=0..C-1) W[k1,k2,n,m]*X[i,j1+k1,j2+k2,n] + b[m]",
        R"(b_m + \sum_{0 \le k_1 < Kh} \sum_{0 \le k_2 < Kw} \sum_{0 \le n < C} X_{i,k_1+j_1,k_2+j_2,n} \times W_{k_1,k_2,n,m})",
        "Σ_{k1} Σ_{k2} Σ_n W[k1][k2][n][m] · X[i][j1+k1][j2+k2][n] + b[m]",
        "∑_{k₁,k₂,n} W[k₁,k₂,n,m] × X[i,j₁+k₁,j₂+k₂,n] + b[m]",
        "sum(k1) sum(k2) sum(n) weights[k1,k2,n,m] X[i,j1+k1,j2+k2,n] + b[m]",
        "sum(p,q,c) W[p,q,c,m] X[i,j1+p,j2+q,c] + b[m]",
        "sum(p,q,c) W[p-j1,q-j2,c,m] X[i,p,q,c] + b[m]",
        "sum(k1,k2,n) W(k1,k2,n,m) X(i,j1+k1,j2+k2,n) + b(m)",
        "-(-b[m] - sum(k1,k2,n) W[k1,k2,n,m] X[i,j1+k1,j2+k2,n])",
        "sum(k1,k2,n) (W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] + b[m]/(Kh*Kw*C))",
        "2 b[m] + sum(k1,k2,n) W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] - b",
        "sum(k2,n) sum(k1) W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] + 0.5 * 2 * b[m]",
        "sum(W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n]) + b[m]",
        "sum(k1,k2,n) W[Kh-1-k1,k2,n,m] X[i,j1+Kh-1-k1,j2+k2,n] + b[m]",
        "Z = Z2 = sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m]",
        R"(\mathrm{Z}[i,j_1,j_2,m] = \left( \sum_{k_1,k_2,n} \mathbf{W}_{k_1,k_2,n,m} \, \mathbf{X}_{i,j_1+k_1,j_2+k_2,n} \right) + b_{m})",
        "1/2 * sum(k1,k2,n) 2 W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] + b[m]^1"},
       {"sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n]", "sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1-k1,j2-k2,n] + b[m]",
        "sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1+k2,j2+k1,n] + b[m]", "sum(k1,k2,n) W[k1,k2,n,m] * X[i,j1,j2,n] + b[m]",
        "sum(k1,k2,n) (W[k1,k2,n,m] * X[i,j1+k1,j2+k2,n] + b[m])",
        "sum(k1,k2,n) W[k1,k2,n,m] + X[i,j1+k1,j2+k2,n] + b[m]",
        "sum(k1=1..Kh, k2=0..Kw-1, n=0..C-1) W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] + b[m]",
        R"(\sum_{k_1=0}^{Kh-2} \sum_{k_2,n} W_{k_1,k_2,n,m} X_{i,j_1+k_1,j_2+k_2,n} + b_m)",
        "sum(k1,k2,n) W[k1,k2,m,n] X[i,j1+k1,j2+k2,n] + b[m]", "sum(k1,k2,n) W[k1,k2,n,m] X[0,j1+k1,j2+k2,n] + b[m]",
        "sum(k1,k2,n) W[k1,k2,n,m] X[i,j1+k1+1,j2+k2,n] + b[m]", "sum(k1,k2,n) W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] - b[m]",
        "sum(k1,k2,n) W[k1,k2,n,m] X[i,j1+k1,j2+k2,n] + b[m]^2",
        "sum(k1,k2,n) W[k1,k2,n,m] X[i,2*j1+k1,j2+k2,n] + b[m]"}},
      {"dJ/dZ[i,j1,j2,m]",
       "U",
       {"dJ/dU[i,j1,j2,m] U[i,j1,j2,m] (1-U[i,j1,j2,m])",
        "dU*U*(1-U)",
        "dU * (U - U^2)",
        "dU U - dU U**2",
        "dJ/dU * exp(-Z)/(1+exp(-Z))^2",
        R"(\frac{\partial J}{\partial U_{i,j_1,j_2,m}} \sigma(Z_{i,j_1,j_2,m}) (1-\sigma(Z_{i,j_1,j_2,m})))",
        R"(\frac{\partial J}{\partial U} \frac{e^{-Z}}{(1+e^{-Z})^2})",
        "dU * sigmoid(Z) * sigmoid(-Z)",
        "dU * σ'(Z)",
        "∂J/∂U[i,j1,j2,m] σ(Z[i,j1,j2,m]) (1 − σ(Z[i,j1,j2,m]))",
        "dU * exp(Z)/(1+exp(Z))^2",
        "dU / (exp(Z) + 2 + exp(-Z))",
        "dU * (1 - tanh(Z/2)^2) / 4",
        "dU * tanh'(Z/2)/4",
        R"(\frac{dJ}{dU} \cdot U \odot (1-U))",
        "(dJ/dU)[i,j1,j2,m] * U - dU * U * U",
        R"(\left(\frac{\partial J}{\partial U}\right)_{i,j_1,j_2,m} U_{i,j_1,j_2,m}\left(1-U_{i,j_1,j_2,m}\right))",
        "dZ[a,b,c,d] = dU[a,b,c,d] * U[a,b,c,d] * (1 - U[a,b,c,d])",
        "dZ[a,b,c,d] = dU U (1 - U)",
        R"(\delta_{i,j_1,j_2,m} = \frac{\partial J}{\partial U[i,j_1,j_2,m]} U[i,j_1,j_2,m](1-U[i,j_1,j_2,m]))",
        "dJ_dU * U * (1-U)",
        "dU * exp(-Z) (1 + exp(-Z))^{-2}",
        "dU exp(-Z) * (1 + exp(-Z))**-2",
        R"(\frac{\mathrm{d}J}{\mathrm{d}U} U \, (1-U))",
        "dU U exp(-Z) / (1 + exp(-Z))",
        "dU * U^2 * e^{-Z}",
        "dU*U^2*e^-Z",
        "dU * sqrt(exp(2 Z)) / (1+exp(Z))^2",
        "dU * (1-U) / (1+exp(-Z))",
        "dU * U * (1-U) * exp(Z) * exp(-Z)",
        "dU * (1/4 - (U - 1/2)^2)",
        "dU * (0.25 - (U - 0.5)^2)"},
       {"dU", "dU * U", "dU*U*(1+U)", "dU*(1-U)", "dU*(1-U^2)", "dU*Z*(1-Z)", "dU * exp(-Z)/(1+exp(-Z))",
        "dU * exp(-Z)/(1+exp(Z))^2", "-dU*U*(1-U)", "U*(1-U)", "dU + U*(1-U)", "dU * sigmoid(U) * (1 - sigmoid(U))",
        "dU*(1 - tanh(Z)^2)", "dU * [Z > 0]", "dU * exp(Z)/(1+exp(-Z))^2", "dU * U * (1-U) + 0.000001",
        "dU / (exp(Z) + 1 + exp(-Z))", "sum(i) dU*U*(1-U)", "dU*U*(1-U)*1.00000001"}},
      {"dJ/dW[k1,k2,n,m]",
       "Z",
       {"sum(i,j1,j2) dZ[i,j1,j2,m] X[i,j1+k1,j2+k2,n]", "sum(i) sum(j1) sum(j2) X[i,j1+k1,j2+k2,n] dJ/dZ[i,j1,j2,m]",
        R"(\sum_i \sum_{j_1} \sum_{j_2} \frac{\partial J}{\partial Z[i,j_1,j_2,m]} X[i,j_1+k_1,j_2+k_2,n])",
        R"(\sum_{i=0}^{B-1}\sum_{j_1=0}^{H-Kh}\sum_{j_2=0}^{L-Kw} \frac{\partial J}{\partial Z_{i,j_1,j_2,m}} \cdot X_{i,j_1+k_1,j_2+k_2,n})",
        "dW[a,b,c,d] = sum(i,j1,j2) delta[i,j1,j2,d] X[i,j1+a,j2+b,c]",
        "dJ/dW[k1,k2,n,m] = sum(s,t,u) dZ[s,t,u,m]*X[s,t+k1,u+k2,n]", "sum(i,p,q) dZ[i,p-k1,q-k2,m] X[i,p,q,n]",
        "sum(i,j1,j2) δ[i,j1,j2,m] X[i,j1+k1,j2+k2,n]", "sum_i (sum_{j1,j2} dZ[i,j1,j2,m] X[i,j1+k1,j2+k2,n])",
        "sum(dZ[i,j1,j2,m] * X[i,j1+k1,j2+k2,n])", R"(\sum_{ij_1j_2} \delta_{ij_1j_2m} X_{i,j_1+k_1,j_2+k_2,n})",
        "Σ_{i,j1,j2} ∂J/∂Z_{i,j1,j2,m} X_{i,k1+j1,k2+j2,n}", "sum(i,j1,j2) dZ[i,H-Kh-j1,j2,m] X[i,H-Kh-j1+k1,j2+k2,n]"},
       {"sum(i,j1,j2) dZ[i,j1,j2,m] X[i,j1,j2,n]", "sum(i,j1,j2) dZ[i,j1,j2,m] X[i,j1-k1,j2-k2,n]",
        "sum(j1,j2) dZ[0,j1,j2,m] X[0,j1+k1,j2+k2,n]", "sum(i,j1,j2) dZ[i,j1,j2,m] X[i,j1+k1,j2+k2,n] / B",
        "sum(i,j1,j2) dZ[i,j1,j2,m] W[k1,k2,n,m]", "sum(i,j1,j2) dZ[i,j1+k1,j2+k2,m] X[i,j1,j2,n]",
        "sum(i,j1,j2,p) dZ[i,j1,j2,p] X[i,j1+k1,j2+k2,n]", "sum(i=0..B-2) sum(j1,j2) dZ[i,j1,j2,m] X[i,j1+k1,j2+k2,n]",
        "sum(i,j1,j2) dZ[i,j1,j2,m] * sum(i,j1,j2) X[i,j1+k1,j2+k2,n]"}},
      {"dJ/dX[i,j1,j2,n]",
       "Z",
       {"sum(k1,k2,m) dZ[i,j1-k1,j2-k2,m] W[k1,k2,n,m]",
        R"(\sum_{k_1,k_2,m} W_{k_1,k_2,n,m} \frac{\partial J}{\partial Z_{i,j_1-k_1,j_2-k_2,m}})",
        "dX[i,h,w,c] = sum(m,k1,k2) dZ[i,h-k1,w-k2,m] * W[k1,k2,c,m]",
        "dX[i,h,w,c] = sum(j1,j2,m) dZ[i,j1,j2,m] * W[h-j1,w-j2,c,m]", "sum(p,q,m) dZ[i,p,q,m] W[j1-p,j2-q,n,m]",
        "sum(k1,k2,m) δ[i,-k1+j1,j2-k2,m] W[k1,k2,n,m]", "sum(m) sum(k2) sum(k1) dJ/dZ[i,j1-k1,j2-k2,m] W[k1,k2,n,m]",
        "sum(k1,k2,m) dZ[i,j1-Kh+1+k1,j2-k2,m] W[Kh-1-k1,k2,n,m]"},
       {"sum(k1,k2,m) dZ[i,j1+k1,j2+k2,m] W[k1,k2,n,m]", "sum(k1,k2,m) dZ[i,j1,j2,m] W[k1,k2,n,m]",
        "sum(k1,k2,m) dZ[i,j1-k2,j2-k1,m] W[k1,k2,n,m]", "sum(k1,k2,m) dZ[i,j1-k1,j2-k2,m] W[Kh-1-k1,Kw-1-k2,n,m]",
        "sum(k1,k2,m) dZ[i,j1-k1+1,j2-k2,m] W[k1,k2,n,m]", "sum(k1,k2,m) dZ[i,j1-k1,j2-k2,n] W[k1,k2,n,m]"}},
  };
  return *kStyles;
}

const std::vector<Style>& MatrixStyles() {
  static const auto* const kStyles = new std::vector<Style>{
      {"C[i,j]",
       "",
       {"sum(k) A[i,k] B[k,j]", "sum_k B^T[j,k] A[i,k]", "sum_k B.T[j,k] A^T[k,i]", R"(\sum_k A_{ik} B_{kj})",
        R"(\sum_k A_{ik} B^{\top}_{jk})", "C_{ij} = Σ_k A_ik B_kj", "sum(k) (A[i,k] B[k,j])",
        "sum(k) A[i,k+q-q] B[k,j]", "sum(k) A B"},
       {"sum(k) A[i,k] B[j,k]", "A[i,0] B[0,j]", "sum(k) A[k,i] B[k,j]", "sum(k) A[i,k] * sum(k) B[k,j]"}},
      {"D[i,j]",
       "",
       {"max(0, C[i,j])", "relu(C)", "C * [C > 0]", "C*(C>0)", "(C + |C|)/2", "1_{C > 0} C",
        R"(\max\left(C_{ij}, 0\right))", "C * step(C)", R"(\mathbf{1}[C_{ij} > 0] C_{ij})", "(C + sqrt(C^2))/2",
        "C - min(C, 0)", "C * I(C >= 0)", "𝟙[C > 0] C", "relu(2 C) / 2", "C (1 + sign(C)) / 2",
        "relu(sum(k) A[i,k] B[k,j])"},
       {"C", "[C > 0]", "max(0, -C)", "max(1, C)", "min(0, C)", "abs(C)", "C * [C > 1]", "relu(C)^2", "C * [C < 0]"}},
      {"dJ/dC[i,j]",
       "D",
       {"dD * [C > 0]", "dJ/dD[i,j] * relu'(C[i,j])", R"(\frac{\partial J}{\partial D_{ij}} \mathbb{1}_{C_{ij} > 0})",
        "dD*(C>0)", "dD * step(C)", "dD * D / C", "dD * [D > 0]", "dD [C>0]", "dD * (1+sign(C))/2"},
       {"dD", "dD * C", "dD * D", "dD*[C<0]", "dD * [A > 0]", "dD * sign(C)"}},
      {"dJ/dA[i,k]",
       "C",
       {"sum(j) dC[i,j] B[k,j]", "sum_j dC[i,j] B^T[j,k]", R"(\sum_j \frac{\partial J}{\partial C_{ij}} B_{kj})"},
       {"sum(j) dC[i,j] B[j,k]", "sum(j) dC[i,j] A[k,j]", "sum(j) dC[j,i] B[k,j]"}},
      {"dJ/dA[i,k]",
       "",
       {"sum(j) max(0, C[i,j]) B[k,j]", "sum(j) D[i,j] B[k,j]", "sum(j) dD[i,j] [C[i,j] > 0] B[k,j]",
        "sum(j) dC[i,j] B[k,j]"},
       {"sum(j) C[i,j] B[k,j]", "2 sum(j) D[i,j] B[k,j]", "sum(j) [C[i,j] > 0] B[k,j]"}},
  };
  return *kStyles;
}

int CheckRight(const FormulaQuestion& question, const std::vector<std::string>& answers) {
  const FormulaJudge judge = JudgeOf(question);
  for (const std::string& answer : answers) {
    const FormulaVerdict verdict = judge.Judge(answer);
    EXPECT_EQ(verdict.outcome, FormulaOutcome::kRight) << question.target << ": " << answer << "\n" << Summary(verdict);
  }
  return static_cast<int>(answers.size());
}

int CheckWrong(const FormulaQuestion& question, const std::vector<std::string>& answers) {
  const FormulaJudge judge = JudgeOf(question);
  for (const std::string& answer : answers) {
    const FormulaVerdict verdict = judge.Judge(answer);
    EXPECT_EQ(verdict.outcome, FormulaOutcome::kWrong) << question.target << ": " << answer << "\n" << Summary(verdict);
    EXPECT_TRUE(verdict.counterexample.has_value() || !verdict.problems.empty()) << question.target << ": " << answer;
  }
  return static_cast<int>(answers.size());
}

TEST(StylesTest, RightAnswersAreAcceptedHoweverTheyAreWritten) {
  int count = 0;
  for (const Style& style : ConvolutionStyles())
    count += CheckRight(ConvolutionQuestion(style.target, style.given), style.right);
  for (const Style& style : MatrixStyles()) count += CheckRight(MatrixQuestion(style.target, style.given), style.right);
  EXPECT_GE(count, 110);
}

TEST(StylesTest, WrongAnswersAreRejected) {
  int count = 0;
  for (const Style& style : ConvolutionStyles())
    count += CheckWrong(ConvolutionQuestion(style.target, style.given), style.wrong);
  for (const Style& style : MatrixStyles()) count += CheckWrong(MatrixQuestion(style.target, style.given), style.wrong);
  EXPECT_GE(count, 70);
}

}  // namespace
}  // namespace tensord::grading
