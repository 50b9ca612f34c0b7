// The numbers of one layer, derived step by step.
#ifndef TENSORD_ANALYSIS_EXPLANATION_H_
#define TENSORD_ANALYSIS_EXPLANATION_H_

#include <string>
#include <vector>

#include "tensord/analysis/count.h"

namespace tensord::analysis {

// One number and the formula that it comes from.
//
// Names:   N, C, D, H, W are the sizes of the first input (X, Y, Z before them where it has more axes), O, K, s, d, p,
// G
//          those of a window, per axis `Kh`, `ph_begin`; what is made of them has longer names: `H_out`, `mac_count`. A
//          formula has names of steps before it only.
// Given:   what the model itself tells (a size, an attribute), and what has no formula here, is its own formula:
//          general and substituted are the value.
struct ExplanationStep {
  Formula formula;  // quantity: "H_out"; counts have the names that the wire has: "mac_count"
  Count value;
  std::string meaning;  // "length along axis 2"
};

// Steps in an order in which each needs only those before it. Of the layer's counts those that are 0 have none, but for
// parameter_count.
struct Explanation {
  std::string layer;    // as ModelLayer.name
  std::string op_type;  // likewise
  std::vector<ExplanationStep> steps;
};

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_EXPLANATION_H_
