#include "client/cli/conventions/examples.h"

namespace tensord::cli {
namespace {

// A new example is an entry in one of these lists. Numbers are as small as shows the difference, and every answer can
// be worked out by hand.

std::vector<Example> OfConvolutions() {
  return {
      {"kernel",
       "kernel",
       "A filter that is not reversed, and one that is.",
       {"convolve", "--input", "[1,2,3]", "--filter", "[1,10]"},
       {{"--flip-filter"}}},
      {"same-padding",
       "padding",
       "SAME needs one cell, at the end or at the beginning; half a filter on both sides is not SAME_UPPER.",
       {"convolve", "--input", "[1,2,3,4]", "--filter", "[1,1,1]", "--stride", "2"},
       {{"--padding", "same-upper"}, {"--padding", "same-lower"}, {"--padding", "1"}}},
      {"same-padding-transposed",
       "padding",
       "In a transposed convolution SAME means stride times the input's length, and cuts off what is more.",
       {"convolve-transpose", "--input", "[1,2]", "--filter", "[1,10,100]", "--stride", "2"},
       {{"--padding", "same-upper"}, {"--padding", "same-lower"}}},
      {"padding-source",
       "padding_source",
       "What the two cells around the input read as.",
       {"convolve", "--input", "[1,2,3]", "--filter", "[1,10,100]", "--padding", "1"},
       {{"--padding-reads", "reflect"}, {"--padding-reads", "replicate"}, {"--padding-reads", "circular"}}},
      {"dilation",
       "dilation",
       "Counted from 1, so 0 is refused.",
       {"convolve", "--input", "[1,2,3]", "--filter", "[1,10]"},
       {{"--dilation", "0"}, {"--dilation", "2"}}},
      {"convolution-input-layout",
       "convolution_input_layout",
       "The same 2 x 2 x 2 input: two channels last, or first.",
       {"convolve", "--input", "[[[1,2],[3,4]],[[5,6],[7,8]]]", "--filter-layout", "HWIO", "--filter",
        "[[[[1],[10]]]]"}},
      {"filter-layout",
       "filter_layout",
       "The same 1 x 2 x 3 filter: one tap for 3 outputs, or 3 taps for one.",
       {"convolve", "--layout", "WC", "--input", "[[1,0],[0,1],[1,1]]", "--filter", "[[[1,2,3],[4,5,6]]]"}},
      {"transposed-filter-layout",
       "transposed_filter_layout",
       "The same 2 x 2 x 2 filter, read in four ways.",
       {"convolve-transpose", "--layout", "WC", "--input", "[[1,10]]", "--filter", "[[[1,2],[3,4]],[[5,6],[7,8]]]"}},
      {"accumulation",
       "accumulation",
       "A sum in float32, and one that is rounded once; no profile sets it.",
       {"convolve", "--input", "[1e8,1,-1e8]", "--filter", "[1,1,1]"},
       {{"--accumulation", "faithful"}, {"--accumulation", "exact"}}},
  };
}

std::vector<Example> OfPoolings() {
  return {
      {"input-layout",
       "pooling_input_layout",
       "The same 2 x 2 x 2 input: two channels last, or first.",
       {"pool", "--kind", "max", "--window", "2", "--input", "[[[1,2],[3,4]],[[5,6],[7,8]]]"}},
      {"pooling-stride",
       "pooling_stride",
       "The stride that a window of 2 has where none is given.",
       {"pool", "--kind", "max", "--window", "2", "--input", "[4,1,3,2]"}},
      {"length-rule",
       "length_rule",
       "FLOOR has the windows that fit, CEIL one more for what is left, START_INSIDE all that begin in the input.",
       {"pool", "--kind", "max", "--window", "4", "--stride", "2", "--input", "[5,4,3,2,1]"},
       {{"--rounding", "ceil"}, {"--rounding", "start-inside"}}},
      {"length-rule-past-the-end",
       "length_rule",
       "A third window would hold nothing but padding: CEIL leaves it out, FLOOR has it and is refused.",
       {"pool", "--kind", "max", "--window", "2", "--stride", "2", "--padding", "1:2", "--input", "[1,2,3]"},
       {{"--rounding", "ceil"}}},
      {"average-divisor",
       "average_divisor",
       "The first and the last window hold one cell of padding.",
       {"pool", "--kind", "average", "--window", "3", "--stride", "1", "--padding", "1", "--rounding", "floor",
        "--input", "[2,4,6]"}},
      {"average-divisor-cut-off",
       "average_divisor",
       "The second window holds one element and no padding, as none was asked for: EXCLUDED and INCLUDED agree.",
       {"pool", "--kind", "average", "--window", "3", "--stride", "3", "--rounding", "ceil", "--input", "[1,2,3,4]"},
       {{"--divisor", "3"}}},
      {"ties",
       "tie_rule",
       "Two elements are the maximum.",
       {"pool-backward", "--kind", "max", "--window", "3", "--input", "[2,2,1]", "--output-gradient", "[6]"},
       {{"--ties", "all"}, {"--ties", "split"}}},
      {"nan",
       "nan_rule",
       "Two elements are NaN.",
       {"pool", "--kind", "max", "--window", "3", "--indices", "--input", "[\"NaN\",1,\"NaN\"]"}},
      {"index-base",
       "index_base",
       "Two samples, two channels, and a 9 in each plane.",
       {"pool", "--kind", "max", "--window", "2", "--layout", "NHWC", "--indices", "--input",
        "[[[[0,0],[9,0]],[[0,9],[0,0]]],[[[0,0],[0,9]],[[9,0],[0,0]]]]"},
       {{"--index-base", "tensor-column-major"}, {"--index-base", "layout"}}},
      {"empty-window",
       "empty_window",
       "The first and the last window hold nothing but padding.",
       {"pool", "--kind", "max", "--window", "1", "--padding", "1", "--rounding", "floor", "--input", "[2]"},
       {{"--empty-window", "negative-infinity"}}},
      {"padding-limit",
       "padding_limit",
       "A dilated window of two that extends over five cells, with two cells of padding.",
       {"pool", "--kind", "max", "--window", "2", "--dilation", "4", "--stride", "1", "--padding", "2", "--rounding",
        "floor", "--input", "[3,1,2,4]"},
       {{"--padding-limit", "half-window"}, {"--padding-limit", "half-dilated-window"}}},
  };
}

std::vector<Example> OfActivations() {
  return {
      {"hard-sigmoid",
       "hard_sigmoid_slope",
       "Its value at 1.",
       {"activate", "--kind", "hard-sigmoid", "--input", "[1]"}},
      {"leaky-relu", "leaky_relu_slope", "Its value at -1.", {"activate", "--kind", "leaky-relu", "--input", "[-1]"}},
      {"softmax-axis",
       "softmax_axis",
       "Two elements along the last axis, which is not everybody's habit.",
       {"activate", "--kind", "softmax", "--input", "[[0,0]]"}},
      {"slope-match",
       "slope_match",
       "Two channels of two elements, and two slopes.",
       {"activate", "--kind", "prelu", "--slope", "[0.5,0.25]", "--layout", "CW", "--input", "[[-4,-4],[-4,-4]]"}},
  };
}

}  // namespace

const std::vector<Example>& Examples() {
  static const auto& examples = *[] {
    auto* all = new std::vector<Example>(OfConvolutions());
    for (const std::vector<Example>& more : {OfPoolings(), OfActivations()}) {
      all->insert(all->end(), more.begin(), more.end());
    }
    return all;
  }();
  return examples;
}

}  // namespace tensord::cli
