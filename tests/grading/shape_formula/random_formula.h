// Random formulas in N and s, in words that SlowFormula reads too.
#ifndef TENSORD_TESTS_GRADING_SHAPE_FORMULA_RANDOM_FORMULA_H_
#define TENSORD_TESTS_GRADING_SHAPE_FORMULA_RANDOM_FORMULA_H_

#include <random>
#include <string>

namespace tensord::grading {

class RandomFormula {
 public:
  explicit RandomFormula(unsigned seed) : engine_(seed) {}

  int Below(int count) { return static_cast<int>(engine_() % static_cast<unsigned>(count)); }
  std::string Number() { return std::to_string(Below(4)); }

  // A formula in N and s with up to that many operations in each other.
  std::string Formula(int depth) {
    if (depth == 0) return Below(3) == 0 ? Number() : Below(3) == 0 ? "s" : "N";
    const std::string a = Formula(depth - 1 - Below(depth));
    const std::string b = Formula(depth - 1 - Below(depth));
    switch (Below(12)) {
      case 0:
      case 1:
        return "(" + a + " + " + b + ")";
      case 2:
        return "(" + a + " - " + b + ")";
      case 3:
        return "(" + a + "*" + b + ")";
      case 4:
        return "min(" + a + ", " + b + ")";
      case 5:
        return "max(" + a + ", " + b + ")";
      case 6:
        return "(" + a + ")//" + Divisor();
      case 7:
        return "ceil((" + a + ")/" + Divisor() + ")";
      case 8:
        return "floor((" + a + ")/" + Divisor() + ")";
      case 9:
        return "(" + a + ")%" + Divisor();
      case 10:
        return "int((" + a + ")/" + Divisor() + ")";
      default:
        return "(" + a + ")/" + std::to_string(1 + Below(3));
    }
  }
  std::string Divisor() {
    static const char* const kDivisors[] = {"s", "s", "s", "2", "3", "(2*s)", "(s + 1)", "(N - s)", "(s - 1)"};
    return kDivisors[Below(9)];
  }

  // Equal to the formula, or nearly.
  std::string Rewritten(const std::string& f) {
    switch (Below(9)) {
      case 0:
        return "(" + f + ")*3/3";
      case 1:
        return "-(-(" + f + "))";
      case 2:
        return "floor((" + f + ")*s/s)";
      case 3:
        return "(" + f + ")//2 + (" + f + ")%2";
      case 4:
        return "2*((" + f + ")//2) + (" + f + ")%2";
      case 5:
        return "s*((" + f + ")//s) + (" + f + ")%s";
      case 6:
        return "max(" + f + ", 0) + min(" + f + ", 0)";
      case 7:
        return "max(" + f + ", 0)";
      default:
        return "((" + f + ")*s + s - 1)//s";
    }
  }

 private:
  std::mt19937 engine_;
};

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_SHAPE_FORMULA_RANDOM_FORMULA_H_
