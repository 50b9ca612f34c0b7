// Gradients of operators of single elements, and of those that move elements.
//
// Each row has what an element of the output costs, with y the output, and what is kept for it. An operand that was
// broadcast adds up the gradients of its copies besides: one addition less than there are copies.
//
// Gradients of integers and truth values, and of what is rounded, are none.
#include <cstdint>
#include <string>

#include "analysis/src/model/backward_rules.h"
#include "analysis/src/model/elementwise.h"

namespace tensord::analysis::model {
namespace {

void AddEach(const Expression& elements, const Cost& cost, OperationCounts& counts) {
  OperationCounts each;
  CountEach(elements, cost, each);
  counts += each;
}

template <Cost kCost>
bool Each(const Differentiated& layer, BackwardCounts& counts) {
  AddEach(layer.output, kCost, PartOf(layer.operands[0], counts));
  return true;
}

// Each operand's gradient costs kCost an element of the output, and the sums of what was broadcast.
template <Cost kCost>
bool EachOperand(const Differentiated& layer, BackwardCounts& counts) {
  for (const Operand& operand : layer.operands) {
    OperationCounts& part = PartOf(operand, counts);
    AddEach(layer.output, kCost, part);
    part.additions += Joins(layer.output, operand.elements);
  }
  return true;
}

// dY as it is, or its negative. What is added of parameters is a bias.
bool Sum(const Differentiated& layer, BackwardCounts& counts) {
  for (const Operand& operand : layer.operands) {
    (operand.is_data ? counts.inputs : counts.bias).additions += Joins(layer.output, operand.elements);
  }
  return true;
}

// dY / n once for all.
bool Mean(const Differentiated& layer, BackwardCounts& counts) {
  counts.inputs.divisions = layer.output;
  return Sum(layer, counts);
}

bool KeepFactors(const Differentiated& layer, Kept& kept) {
  if (layer.At(0) != nullptr) KeepAt(layer, 1, kept);
  if (layer.At(1) != nullptr) KeepAt(layer, 0, kept);
  return true;
}

// dA = dY/b, dB = -(dY/b)*y.
bool Quotient(const Differentiated& layer, BackwardCounts& counts) {
  const Operand* const a = layer.At(0);
  const Operand* const b = layer.At(1);
  const Operand& first = a != nullptr ? *a : *b;
  PartOf(first, counts).divisions += layer.output;
  if (a != nullptr) PartOf(*a, counts).additions += Joins(layer.output, a->elements);
  if (b != nullptr) {
    PartOf(*b, counts).multiplications += layer.output;
    PartOf(*b, counts).additions += Joins(layer.output, b->elements);
  }
  return true;
}

bool KeepQuotient(const Differentiated& layer, Kept& kept) {
  KeepAt(layer, 1, kept);
  kept.output = layer.At(1) != nullptr;
  return true;
}

// c*x^(c-1)*dY, with x squared and cubed as products: 2*x*dY, 3*x*x*dY. An exponent with a gradient is not worked out.
bool Power(const Differentiated& layer, BackwardCounts& counts) {
  if (layer.At(0) == nullptr || layer.operands.size() > 1) return false;
  OperationCounts& part = PartOf(layer.operands[0], counts);
  if (layer.forward.multiplications == layer.output) {
    part.multiplications = layer.output * 2;
  } else if (layer.forward.multiplications == layer.output * 2) {
    part.multiplications = layer.output * 3;
  } else {
    AddEach(layer.output, Cost{.multiplications = 2, .special_functions = 1}, part);
  }
  part.additions += Joins(layer.output, layer.operands[0].elements);
  return true;
}

// Which of two is the larger one. Of more it is not worked out.
bool Larger(const Differentiated& layer, BackwardCounts& counts) {
  if (layer.forward.comparisons != layer.output) return false;
  return EachOperand<Cost{.comparisons = 1}>(layer, counts);
}

bool KeepCondition(const Differentiated& layer, Kept& kept) {
  KeepAt(layer, 0, kept);
  return true;
}

// dX: dY, below 0 slope*dY. dslope: dY*min(0,x), added up.
bool ParametricRelu(const Differentiated& layer, BackwardCounts& counts) {
  if (layer.At(0) != nullptr) {
    AddEach(layer.output, Cost{.multiplications = 1, .comparisons = 1}, PartOf(*layer.At(0), counts));
  }
  if (const Operand* slope = layer.At(1); slope != nullptr) {
    OperationCounts& part = PartOf(*slope, counts);
    part.multiplications += layer.output;
    part.additions += Joins(layer.output, slope->elements);
  }
  return true;
}

bool Clip(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).comparisons = layer.forward.comparisons;
  return layer.operands.size() == 1;
}

// dY*(P + x*p), P = 0.5*(1 + erf(x/sqrt(2))) and p = c*exp(-0.5*x*x). By tanh it is not worked out.
bool Gelu(const Differentiated& layer, BackwardCounts& counts) {
  if (layer.forward.divisions == Expression()) return false;
  return Each<Cost{.multiplications = 6, .additions = 2, .divisions = 1, .special_functions = 2}>(layer, counts);
}

// As many additions as there are copies, but for the first of each.
bool Copies(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).additions = Joins(layer.output, layer.operands[0].elements);
  return true;
}

// Scattered to where the elements are from.
bool Scatter(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).additions = layer.output;
  return layer.At(0) != nullptr;
}

bool KeepPlaces(const Differentiated& layer, Kept& kept) {
  KeepAt(layer, 1, kept);
  return true;
}

bool Margin(const Differentiated& layer, BackwardCounts&) {
  return layer.layer.mode.empty() || layer.layer.mode == "constant";
}

// Scattered to each element's neighbours, which linear interpolation has one more of than multiplications.
bool Interpolate(const Differentiated& layer, BackwardCounts& counts) {
  OperationCounts& part = PartOf(layer.operands[0], counts);
  const std::string& mode = layer.layer.mode;
  const Expression& weights = layer.forward.multiplications;
  if (mode.empty() || mode == "nearest") {
    part.additions = layer.output;
  } else if (weights != Expression()) {
    const bool is_linear = mode == "linear" || mode == "bilinear";
    part.multiplications = part.additions = is_linear ? weights + layer.output : weights;
  }
  return layer.operands.size() == 1;
}

// Where the forward pass drops, and there alone: 2*dY*mask.
bool Dropout(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).multiplications = layer.forward.multiplications;
  return true;
}

bool KeepMask(const Differentiated& layer, Kept& kept) {
  kept.other_bytes += layer.forward.comparisons;
  return true;
}

template <Cost kCost>
constexpr BackwardRule kEach = &Each<kCost>;
constexpr BackwardRule kNone = &Each<kNothing>;

constexpr BackwardRow kRows[] = {
    {"Add", &Sum, &KeepNothing},
    {"Sub", &Sum, &KeepNothing},
    {"Sum", &Sum, &KeepNothing},
    {"Mean", &Mean, &KeepNothing},
    {"Mul", &EachOperand<Cost{.multiplications = 1}>, &KeepFactors},
    {"Div", &Quotient, &KeepQuotient},
    {"Pow", &Power, &KeepInput},
    {"Max", &Larger, &KeepInputs},
    {"Min", &Larger, &KeepInputs},
    {"Where", &EachOperand<Cost{.comparisons = 1}>, &KeepCondition},
    // -dY*y*y
    {"Reciprocal", kEach<Cost{.multiplications = 2}>, &KeepOutput},
    {"Abs", kEach<Cost{.comparisons = 1}>, &KeepInput},
    // 0.5*dY/y
    {"Sqrt", kEach<Cost{.multiplications = 1, .divisions = 1}>, &KeepOutput},
    {"Exp", kEach<Cost{.multiplications = 1}>, &KeepOutput},
    {"Log", kEach<Cost{.divisions = 1}>, &KeepInput},
    // dY*c*exp(-x*x)
    {"Erf", kEach<Cost{.multiplications = 3, .special_functions = 1}>, &KeepInput},
    {"Sin", kEach<Cost{.multiplications = 1, .special_functions = 1}>, &KeepInput},
    {"Cos", kEach<Cost{.multiplications = 1, .special_functions = 1}>, &KeepInput},
    // dY*(1 + y*y), dY*(1 - y*y)
    {"Tan", kEach<Cost{.multiplications = 2, .additions = 1}>, &KeepOutput},
    {"Tanh", kEach<Cost{.multiplications = 2, .additions = 1}>, &KeepOutput},
    // Activations.
    {"Relu", kEach<Cost{.comparisons = 1}>, &KeepOutput},
    {"ThresholdedRelu", kEach<Cost{.comparisons = 1}>, &KeepInput},
    {"Shrink", kEach<Cost{.comparisons = 2}>, &KeepInput},
    {"LeakyRelu", kEach<Cost{.multiplications = 1, .comparisons = 1}>, &KeepInput},
    {"PRelu", &ParametricRelu, &KeepInput},
    {"Clip", &Clip, &KeepInput},
    // Below 0 dY*(y + alpha); above, Selu's dY*gamma is a multiplication too.
    {"Elu", kEach<Cost{.multiplications = 1, .additions = 1, .comparisons = 1}>, &KeepOutput},
    {"Selu", kEach<Cost{.multiplications = 1, .additions = 1, .comparisons = 1}>, &KeepOutput},
    // Below 0 dY*(y/alpha + 1).
    {"Celu", kEach<Cost{.multiplications = 1, .additions = 1, .comparisons = 1, .divisions = 1}>, &KeepOutput},
    // dY*y*(1 - y)
    {"Sigmoid", kEach<Cost{.multiplications = 2, .additions = 1}>, &KeepOutput},
    {"HardSigmoid", kEach<Cost{.multiplications = 1, .comparisons = 2}>, &KeepInput},
    // 0, dY*(x*(1/3) + 0.5) or dY
    {"HardSwish", kEach<Cost{.multiplications = 2, .additions = 1, .comparisons = 2}>, &KeepInput},
    // dY*(s + alpha*y*(1 - s)), s = 1/(1 + exp(-alpha*x))
    {"Swish", kEach<Cost{.multiplications = 4, .additions = 3, .divisions = 1, .special_functions = 1}>, &KeepBoth},
    // dY/(1 + exp(-x))
    {"Softplus", kEach<Cost{.additions = 1, .divisions = 1, .special_functions = 1}>, &KeepInput},
    // dY/((1 + |x|)*(1 + |x|))
    {"Softsign", kEach<Cost{.multiplications = 1, .additions = 1, .comparisons = 1, .divisions = 1}>, &KeepInput},
    {"Gelu", &Gelu, &KeepInput},
    // What moves elements.
    {"Identity", kNone, &KeepNothing},
    {"Neg", kNone, &KeepNothing},
    {"Cast", kNone, &KeepNothing},
    {"CastLike", kNone, &KeepNothing},
    {"Ceil", kNone, &KeepNothing},
    {"Floor", kNone, &KeepNothing},
    {"Round", kNone, &KeepNothing},
    {"Sign", kNone, &KeepNothing},
    {"Reshape", kNone, &KeepNothing},
    {"Flatten", kNone, &KeepNothing},
    {"Squeeze", kNone, &KeepNothing},
    {"Unsqueeze", kNone, &KeepNothing},
    {"Transpose", kNone, &KeepNothing},
    {"DepthToSpace", kNone, &KeepNothing},
    {"SpaceToDepth", kNone, &KeepNothing},
    {"Concat", kNone, &KeepNothing},
    {"Split", kNone, &KeepNothing},
    {"Slice", kNone, &KeepNothing},
    {"Pad", &Margin, &KeepNothing},
    {"Expand", &Copies, &KeepNothing},
    {"Tile", &Copies, &KeepNothing},
    {"Gather", &Scatter, &KeepPlaces},
    {"GatherElements", &Scatter, &KeepPlaces},
    {"GatherND", &Scatter, &KeepPlaces},
    {"Resize", &Interpolate, &KeepNothing},
    {"Upsample", &Interpolate, &KeepNothing},
    {"Dropout", &Dropout, &KeepMask},
};

}  // namespace

absl::Span<const BackwardRow> ElementBackwardRows() { return kRows; }

}  // namespace tensord::analysis::model
