#include "tests/grading/shape_formula/formula_tables.h"

namespace tensord::grading {
namespace {

bool Everywhere(const Point&) { return true; }

// Every window that starts inside counts: the pooling of textbooks.
FormulaCase StartInside() {
  return {
      .name = "StartInside",
      .question = {.expected = {"floor((N - 1)/s) + 1"},
                   .variables = {{.name = "N"}, {.name = "s"}},
                   .constraints = {}},
      .holds = Everywhere,
      .right = {"ceil(N/s)",
                "floor((N-1)/s)+1",
                "(N-1)//s+1",
                "-(-N//s)",
                "-((-N)//s)",
                "1+(N-1)//s",
                "(N+s-1)//s",
                "floor((N+s-1)/s)",
                "floor(1 + (N-1)/s)",
                "floor((N-1+s)/s)",
                "math.ceil(N/s)",
                "np.ceil(N / s)",
                "int((N-1)/s)+1",
                "int((N+s-1)/s)",
                R"(\lfloor \frac{N-1}{s} \rfloor + 1)",
                R"(\left\lfloor\frac{N-1}{s}\right\rfloor+1)",
                R"(\lceil N/s \rceil)",
                R"($\left\lceil \dfrac{N}{s} \right\rceil$)",
                R"(1 + \lfloor (N-1)/s \rfloor)",
                "\xE2\x8C\x88N/s\xE2\x8C\x89",
                "\xE2\x8C\x8A(N \xE2\x88\x92 1)/s\xE2\x8C\x8B + 1",
                "y = ceil(N/s)",
                "N//s + min(1, N % s)",
                "N//s + [N mod s > 0]",
                "(N - 1 - (N-1) mod s)/s + 1",
                "(N + (-N) % s)/s",
                "max(1, ceil(N/s))",
                "(ceil(N/s))",
                "ceil((2N)/(2s))",
                "-floor(-N/s)",
                "floor(N/s - 1/s) + 1",
                "2 - floor(2 - ceil(N/s))",
                "abs(ceil(N/s))",
                "trunc((N-1)/s) + 1",
                "(s*ceil(N/s))/s",
                "ceiling(N/s)",
                "Ceil(N/s)",
                R"(\operatorname{ceil}(N/s))"},
      .wrong = {"N/s",
                "floor(N/s)",
                "floor(N/s)+1",
                "N//s",
                "ceil(N/s)+1",
                "ceil((N-1)/s)",
                "ceil((N-1)/s)+1",
                "floor((N-s)/s)+1",
                "floor((N-1)/s)",
                "(N-1)/s+1",
                "ceil((N+1)/s)",
                "floor((N+1)/s)",
                "floor((N+s)/s)",
                "s",
                "N",
                "N*s",
                "N-s",
                "N-s+1",
                "ceil(s/N)",
                "floor((N-2)/s)+1",
                "max(1, N//s)",
                "min(ceil(N/s), 12)",
                "min(ceil(N/s), 300)",
                "ceil(N/s)*(N//N)+N//50",
                "1+N//(s+1)",
                "N//s + N%s",
                "N % s",
                "ceil(N/(s-1))",
                "ceil(N/s/2)",
                "ceil(N/2)",
                "-(N//s)",
                "int(N/s)",
                "int((N+s)/s)",
                "ceil(N/s**2)",
                "floor((N-1)/s)+N//s-(N-1)//s",
                "(N+s-1)/s"},
  };
}

FormulaCase DilatedConvolution() {
  return {
      .name = "DilatedConvolution",
      .question = {.expected = {"floor((N+2*P-D*(K-1)-1)/S)+1"},
                   .variables = {{.name = "N"}, {.name = "K"}, {.name = "P", .least = 0}, {.name = "S"}, {.name = "D"}},
                   .constraints = {"D*(K-1) + 1 <= N + 2*P"}},
      .holds = [](const Point& p) { return p.at("D") * (p.at("K") - 1) + 1 <= p.at("N") + 2 * p.at("P"); },
      .right = {"floor((N+2P-D(K-1)-1)/S)+1", "floor((N+2P-DK+D-1)/S)+1", "floor((N+2P-D(K-1)-1+S)/S)",
                "ceil((N+2P-D(K-1))/S)", "(N+2*P-D*(K-1)-1)//S+1", "-(-(N+2*P-D*(K-1))//S)", "int((N+2P-D(K-1)-1)/S+1)",
                "int((N+2P-D(K-1)-1)/S)+1", "max(0, floor((N+2P-D(K-1)-1)/S)+1)", "max(1, floor((N+2P-D(K-1)-1)/S)+1)",
                "floor((P+N+P-(D(K-1)+1))/S)+1", "floor((2(N+2P-D(K-1)-1)+1)/(2S))+1",
                R"(\left\lfloor\frac{N+2P-D\cdot(K-1)-1}{S}\right\rfloor+1)",
                R"(\left\lfloor \frac{N + 2 \times P - D \times (K - 1) - 1}{S} + 1 \right\rfloor)"},
      .wrong = {"floor((N+2*P-K)/S)+1", "floor((N+2*P-D*K)/S)+1", "floor((N+2*P-D*(K-1))/S)+1",
                "floor((N+P-D*(K-1)-1)/S)+1", "ceil((N+2*P-D*(K-1)-1)/S)+1", "ceil((N+2*P-D*(K-1)-1)/S)",
                "floor((N+2*P-D*(K-1)-1)/S)", "(N+2*P-D*(K-1)-1)/S+1", "floor((N-D*(K-1)-1)/S)+1",
                "floor((N+2*P-D*(K-1)-1)/D)+1", "floor((N+2*P-(D-1)*(K-1)-1)/S)+1", "floor((N+2*P-D*(K+1)-1)/S)+1",
                "floor((N+2*P-S*(K-1)-1)/D)+1", "N", "ceil(N/S)", "min(floor((N+2*P-D*(K-1)-1)/S)+1, 20)",
                "floor((N+2*P-D*(K-1)-1)/S+1/2)+1", "N+2*P-D*(K-1)"},
  };
}

FormulaCase PlainConvolution() {
  return {
      .name = "PlainConvolution",
      .question = {.expected = {"floor((N+2*P-K)/S)+1"},
                   .variables = {{.name = "N"}, {.name = "K"}, {.name = "P", .least = 0}, {.name = "S"}},
                   .constraints = {"K <= N + 2*P"}},
      .holds = [](const Point& p) { return p.at("K") <= p.at("N") + 2 * p.at("P"); },
      .right = {"floor((N+2P-K)/S)+1", "floor((N+2P-K+S)/S)", "ceil((N+2P-K+1)/S)", "(N-K+2P)//S+1",
                "1 - (K-N-2P+S-1)//S - 0*N", "(N+2P-K-(N+2P-K)%S)/S+1", "int((N+2P-K)/S)+1",
                "floor((2P+N-(K-1)-1)/S+1)", R"(\lfloor\frac{N-K+2P}{S}\rfloor+1)", "((N+2P)-K)//S + 1"},
      .wrong = {"floor((N-K)/S)+1", "floor((N+P-K)/S)+1", "ceil((N+2*P-K)/S)+1", "floor((N+2*P-K)/S)", "N-K+1",
                "floor((N+2*P-K+1)/S)", "floor((N+2*P-K+1)/S)+1", "(N+2*P-K)/S+1", "floor((N+2*P-K-1)/S)+1",
                "floor(N/S)", "ceil(N/S)", "floor((N+2*P+K)/S)+1", "floor((N+2*P-S)/K)+1", "(N+2*P-K+1)//S+1",
                "int((N+2*P-K)/S)", "max(2, (N+2*P-K)//S+1)"},
  };
}

FormulaCase ValidConvolution() {
  return {
      .name = "ValidConvolution",
      .question = {.expected = {"N - K + 1"}, .variables = {{.name = "N"}, {.name = "K"}}, .constraints = {"K <= N"}},
      .holds = [](const Point& p) { return p.at("K") <= p.at("N"); },
      .right = {"N-K+1", "1+N-K", "N-(K-1)", "-K+N+1", "max(N, K) - K + 1", "abs(N-K)+1", "max(N-K+1, 0)",
                "(2N-2K+2)/2", "floor(N-K+1)", "N + 1 - min(N, K)", "((N+1)^2 - K^2)/(N+1+K)", "N - K + 3/2 - 0.5"},
      .wrong = {"N-K", "N-K-1", "N+K-1", "N-(K+1)", "N", "K-N+1", "N-2*(K//2)", "ceil(N/K)", "N-K+2", "N-K+1/2",
                "min(N-K+1, 200)", "max(N-K, 1)"},
  };
}

FormulaCase TwoPoolings() {
  return {
      .name = "TwoPoolings",
      .question = {.expected = {"ceil(ceil(N/2)/2)"}, .variables = {{.name = "N"}}},
      .holds = Everywhere,
      .right = {"ceil(N/4)", "(N+3)//4", "floor((N-1)/4)+1", "ceil(ceil(N/2)/2)", "((N+1)//2+1)//2", "-(-N//4)",
                "(N + 3 - (N+3) % 4)/4", "N - ((3N)//4)", "floor((floor((N-1)/2) + 1 - 1)/2) + 1"},
      .wrong = {"N/4", "floor(N/4)", "N//4+1", "ceil(N/2)/2", "floor(ceil(N/2)/2)", "ceil(floor(N/2)/2)", "ceil(N/2)",
                "(N+2)//4", "(N+4)//4", "min((N+3)//4, 2000)", "(N*N+3*N)//(4*N+1)"},
  };
}

FormulaCase PoolingThenHalving() {
  return {
      .name = "PoolingThenHalving",
      .question = {.expected = {"ceil(ceil(N/s)/2)"}, .variables = {{.name = "N"}, {.name = "s"}}},
      .holds = Everywhere,
      .right = {"ceil(N/(2s))", "(N+2s-1)//(2s)", "floor((N-1)/(2s))+1", "((N-1)//s + 2)//2", "-(-N//(2*s))"},
      .wrong = {"floor(N/(2*s))", "ceil(floor(N/s)/2)", "N/(2*s)", "ceil(N/2/s/2)", "(N+s)//(2*s)", "ceil(N/(s+s**2))"},
  };
}

FormulaCase Transposed() {
  return {
      .name = "TransposedConvolution",
      .question = {.expected = {"(N-1)*S - 2*P + K"},
                   .variables = {{.name = "N"}, {.name = "K"}, {.name = "P", .least = 0}, {.name = "S"}},
                   .constraints = {"(N-1)*S + K > 2*P"}},
      .holds = [](const Point& p) { return (p.at("N") - 1) * p.at("S") + p.at("K") > 2 * p.at("P"); },
      .right = {"S(N-1)-2P+K", "NS-S-2P+K", "K+S(N-1)-P-P", "max(1, (N-1)S-2P+K)", R"((N-1) \cdot S + K - 2P)"},
      .wrong = {"S*N-2*P+K", "(N-1)*S+2*P+K", "(N-1)*S-P+K", "(N-1)*S-2*P+K-1", "N*S", "(N-1)*(S-2*P)+K"},
  };
}

FormulaCase Counts() {
  return {
      .name = "CountsOfPairs",
      .question = {.expected = {"floor(N*(N-1)/2)"}, .variables = {{.name = "N", .least = 0}}, .constraints = {}},
      .holds = Everywhere,
      .right = {"N(N-1)/2", "(N^2-N)/2", "(N**2-N)//2", "ceil((N*N-N)/2)", R"(\frac{N(N-1)}{2})", "N/2*(N-1)",
                "0.5*N*(N-1)", "N\xC2\xB2/2 - N/2"},
      .wrong = {"N*(N+1)/2", "N*N//2", "N**2/2", "N*(N-1)", "(N-1)**2//2", "N//2*(N-1)"},
  };
}

}  // namespace

std::vector<FormulaCase> FormulaCases() {
  return {StartInside(), DilatedConvolution(), PlainConvolution(), ValidConvolution(),
          TwoPoolings(), PoolingThenHalving(), Transposed(),       Counts()};
}

}  // namespace tensord::grading
