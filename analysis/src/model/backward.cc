// Gradients of convolutions, matrix products, normalisations, poolings and reductions.
//
// For a forward pass of M multiply-accumulates from X elements of data with W parameters to Y elements. A sum of P
// products to R results takes P - R additions; one that is scattered, into cells that start at 0, takes P.
//
//   Conv             dX: M products, scattered. dW: M products, M - W additions. db: Y - (elements of b) additions.
//                    As many products read padding, or would go to it, as in the forward pass, in each.
//   ConvTranspose    dX: M products, M - X additions (a convolution). dW, db: as Conv. Products with what the forward
//                    pass crops are among them, as they are there.
//   Gemm, MatMul, Einsum
//                    dA: M products, M - (elements of A) additions; dB likewise, and dC as db. alpha multiplies dY
//                    once, beta dC.
//   BatchNormalization, with statistics of the batch, of C channels; h = (x - mean)*i the standardised input:
//                    dX = scale*i*(dY - db/n - h*dscale/n), h computed again: 3*X + C multiplications, 3*X additions,
//                    2*C divisions. dscale = sum of dY*h: X multiplications, X - C additions. db: X - C additions.
//   InstanceNormalization, GroupNormalization, LayerNormalization, with statistics of R groups and S scales:
//                    g = dY*scale; dX = i*(g - mean(g) - h*mean(g*h)): 5*X multiplications, 3*X + 2*(X - R) additions,
//                    2*R divisions. dscale and db as above, with S for C. MeanVarianceNormalization: without g, 4*X
//                    multiplications.
//   LRN              dX = dY*d^-beta - 2*alpha*beta/size*x*(sum over the window of dY*y/d): 4*X multiplications, as
//                    many additions as the forward pass, X divisions, X powers.
//   MaxPool          Y additions, scattered to where the maxima are.
//   AveragePool      Y divisions; each of a window's elements gets the quotient: an addition for each, padding too.
//   LpPool           dX = x*(dY/y), scattered: Y divisions, a multiplication and an addition for each of a window.
//   ReduceX          Mean: as many divisions as the forward pass. Sum: none. SumSquare: Y + X multiplications.
//                    L1, Max, Min: X comparisons. L2: Y divisions, X multiplications. LogSumExp, dY*exp(x - y): X
//                    additions, multiplications and exponentials. CumSum: as many additions as the forward pass.
//   Softmax          y*(dY - sum of dY*y): 2*X multiplications, X + (X - R) additions. LogSoftmax, dY - exp(y)*(sum of
//                    dY): X multiplications and exponentials, X + (X - R) additions.
//
// What is kept: inputs of convolutions, products and normalisations, and 2 statistics a group of the latter; 64-bit
// indices of max-pooling; inputs and outputs as the formulas name them.
//
// Source: https://doi.org/10.48550/arXiv.1502.03167 (batch normalisation's gradients, section 3)
#include "analysis/src/model/backward.h"

#include <utility>

#include "analysis/src/model/backward_rules.h"
#include "analysis/src/model/memory.h"

namespace tensord::analysis::model {
namespace {

void AddProducts(const Expression& macs, const Expression& additions, const Expression& by_output,
                 const std::optional<Expression>& padding, OperationCounts& counts) {
  OperationCounts products;
  products.multiplications = products.macs = macs;
  products.macs_by_output = by_output;
  products.additions = additions;
  products.padding_macs = padding;
  counts += products;
}

// The gradient of what is added to the output, and broadcast for that.
void AddBias(const Differentiated& layer, size_t place, BackwardCounts& counts) {
  const Operand* const bias = layer.At(place);
  if (bias == nullptr) return;
  OperationCounts& part = bias->is_data ? counts.inputs : counts.bias;
  part.additions += Joins(layer.output, bias->elements);
}

bool Convolution(const Differentiated& layer, BackwardCounts& counts) {
  const OperationCounts& forward = layer.forward;
  if (const Operand* x = layer.At(0); x != nullptr) {
    // Each element of the input has all taps of a channel of the filter.
    const Operand* const w = layer.At(1);
    const bool has_channels = x->is_data && w != nullptr && layer.layer.inputs[0].shape->size() > 1;
    const Expression by_output =
        has_channels ? x->elements * Floor(w->elements, (*layer.layer.inputs[0].shape)[1].exact()) : forward.macs;
    AddProducts(forward.macs, forward.macs, by_output, forward.padding_macs, PartOf(*x, counts));
  }
  if (const Operand* w = layer.At(1); w != nullptr) {
    AddProducts(forward.macs, Joins(forward.macs, w->elements), forward.macs, forward.padding_macs, PartOf(*w, counts));
  }
  AddBias(layer, 2, counts);
  return true;
}

bool Products(const Differentiated& layer, const std::optional<Expression>& padding, BackwardCounts& counts) {
  const Expression& macs = layer.forward.macs;
  for (const size_t place : {size_t{0}, size_t{1}}) {
    const Operand* const operand = layer.At(place);
    if (operand == nullptr) continue;
    AddProducts(macs, Joins(macs, operand->elements), macs, padding, PartOf(*operand, counts));
  }
  return true;
}

bool TransposedConvolution(const Differentiated& layer, BackwardCounts& counts) {
  AddBias(layer, 2, counts);
  return Products(layer, std::nullopt, counts);
}

bool MatrixProduct(const Differentiated& layer, BackwardCounts& counts) {
  return Products(layer, Expression(), counts);
}

// Of one operand there are no products: its gradient is the output's.
bool Einsum(const Differentiated& layer, BackwardCounts& counts) {
  return layer.forward.macs == Expression() || MatrixProduct(layer, counts);
}

// Multiplications beyond the products tell whether there are an alpha and a beta.
bool Gemm(const Differentiated& layer, BackwardCounts& counts) {
  const Expression scaling = layer.forward.multiplications - layer.forward.macs;
  const Operand* const c = layer.At(2);
  const bool has_both = c != nullptr && scaling == layer.output + c->elements;
  const bool has_alpha = has_both || scaling == layer.output;
  const bool has_beta = has_both || (c != nullptr && !has_alpha && scaling == c->elements);
  if (!has_alpha && !has_beta && scaling != Expression()) return false;
  if (has_alpha) counts.inputs.multiplications += layer.output;
  if (has_beta) (c->is_data ? counts.inputs : counts.bias).multiplications += c->elements;
  AddBias(layer, 2, counts);
  return Products(layer, Expression(), counts);
}

void AddScaleAndBias(const Differentiated& layer, BackwardCounts& counts) {
  if (const Operand* scale = layer.At(1); scale != nullptr) {
    OperationCounts& part = PartOf(*scale, counts);
    part.multiplications += layer.output;
    part.additions += Joins(layer.output, scale->elements);
  }
  AddBias(layer, 2, counts);
}

bool BatchNormalization(const Differentiated& layer, BackwardCounts& counts) {
  const Operand* const x = layer.At(0);
  const Operand* const scale = layer.At(1);
  if (scale == nullptr || layer.At(2) == nullptr) return false;
  if (x != nullptr) {
    OperationCounts& part = PartOf(*x, counts);
    part.multiplications += layer.output * 3 + scale->elements;
    part.additions += layer.output * 3;
    part.divisions += scale->elements * 2;
  }
  AddScaleAndBias(layer, counts);
  return true;
}

// The forward pass has one square root a group.
template <int64_t kMultiplications>
bool Standardising(const Differentiated& layer, BackwardCounts& counts) {
  const Expression& groups = layer.forward.special_functions;
  if (const Operand* x = layer.At(0); x != nullptr) {
    OperationCounts& part = PartOf(*x, counts);
    part.multiplications += layer.output * kMultiplications;
    part.additions += layer.output * 3 + Joins(layer.output, groups) * 2;
    part.divisions += groups * 2;
  }
  if (kMultiplications == 5) AddScaleAndBias(layer, counts);
  return true;
}

bool KeepStatistics(const Differentiated& layer, const Expression& groups, Kept& kept) {
  KeepAt(layer, 0, kept);
  const std::optional<Expression> bytes = BytesOf(layer.layer.outputs[0].type, groups * 2);
  if (bytes.has_value()) kept.other_bytes += *bytes;
  return bytes.has_value();
}

bool KeepChannels(const Differentiated& layer, Kept& kept) {
  return KeepStatistics(layer, layer.At(1)->elements, kept);
}

bool KeepGroups(const Differentiated& layer, Kept& kept) {
  return KeepStatistics(layer, layer.forward.special_functions, kept);
}

bool ResponseNormalization(const Differentiated& layer, BackwardCounts& counts) {
  counts.inputs.multiplications = layer.output * 4;
  counts.inputs.additions = layer.forward.additions;
  counts.inputs.divisions = counts.inputs.special_functions = layer.output;
  return true;
}

// The input, the output, and d.
bool KeepDivisors(const Differentiated& layer, Kept& kept) {
  const std::optional<Expression> bytes = BytesOf(layer.layer.outputs[0].type, layer.output);
  if (bytes.has_value()) kept.other_bytes += *bytes;
  return bytes.has_value() && KeepBoth(layer, kept);
}

bool Maxima(const Differentiated& layer, BackwardCounts& counts) {
  counts.inputs.additions = layer.output;
  return true;
}

bool KeepIndices(const Differentiated& layer, Kept& kept) {
  kept.other_bytes += layer.output * ElementBytes(ElementType::kInt64);
  return true;
}

bool Averages(const Differentiated& layer, BackwardCounts& counts) {
  counts.inputs.divisions = layer.output;
  counts.inputs.additions = layer.forward.additions + layer.output;
  return true;
}

bool Norms(const Differentiated& layer, BackwardCounts& counts) {
  counts.inputs.divisions = layer.output;
  counts.inputs.multiplications = counts.inputs.additions = layer.forward.multiplications;
  return true;
}

// Elements of the first input.
const Expression& InputOf(const Differentiated& layer) { return layer.operands[0].elements; }

template <int64_t kOutputs, int64_t kInputs>
bool Multiplications(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).multiplications = layer.output * kOutputs + InputOf(layer) * kInputs;
  return true;
}

bool SameDivisions(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).divisions = layer.forward.divisions;
  return true;
}

bool SameAdditions(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).additions = layer.forward.additions;
  return true;
}

bool Comparisons(const Differentiated& layer, BackwardCounts& counts) {
  PartOf(layer.operands[0], counts).comparisons = InputOf(layer);
  return true;
}

bool NormOfAll(const Differentiated& layer, BackwardCounts& counts) {
  OperationCounts& part = PartOf(layer.operands[0], counts);
  part.divisions = layer.output;
  part.multiplications = InputOf(layer);
  return true;
}

bool LogSumExp(const Differentiated& layer, BackwardCounts& counts) {
  OperationCounts& part = PartOf(layer.operands[0], counts);
  part.additions = part.multiplications = part.special_functions = InputOf(layer);
  return true;
}

// The forward pass compares as often as a sum of each group adds.
bool Softmax(const Differentiated& layer, BackwardCounts& counts) {
  OperationCounts& part = PartOf(layer.operands[0], counts);
  part.multiplications = layer.output * 2;
  part.additions = layer.output + layer.forward.comparisons;
  return true;
}

bool LogSoftmax(const Differentiated& layer, BackwardCounts& counts) {
  OperationCounts& part = PartOf(layer.operands[0], counts);
  part.multiplications = part.special_functions = layer.output;
  part.additions = layer.output + layer.forward.comparisons;
  return true;
}

constexpr BackwardRow kRows[] = {
    {"Conv", &Convolution, &KeepInputs},
    {"ConvTranspose", &TransposedConvolution, &KeepInputs},
    {"Gemm", &Gemm, &KeepInputs},
    {"MatMul", &MatrixProduct, &KeepInputs},
    {"Einsum", &Einsum, &KeepInputs},
    {"BatchNormalization", &BatchNormalization, &KeepChannels},
    {"InstanceNormalization", &Standardising<5>, &KeepGroups},
    {"GroupNormalization", &Standardising<5>, &KeepGroups},
    {"LayerNormalization", &Standardising<5>, &KeepGroups},
    {"MeanVarianceNormalization", &Standardising<4>, &KeepGroups},
    {"LRN", &ResponseNormalization, &KeepDivisors},
    {"MaxPool", &Maxima, &KeepIndices},
    {"GlobalMaxPool", &Maxima, &KeepIndices},
    {"AveragePool", &Averages, &KeepNothing},
    {"GlobalAveragePool", &Averages, &KeepNothing},
    {"LpPool", &Norms, &KeepBoth},
    {"GlobalLpPool", &Norms, &KeepBoth},
    {"ReduceSum", &Multiplications<0, 0>, &KeepNothing},
    {"ReduceMean", &SameDivisions, &KeepNothing},
    {"ReduceSumSquare", &Multiplications<1, 1>, &KeepInput},
    {"ReduceL1", &Comparisons, &KeepInput},
    {"ReduceL2", &NormOfAll, &KeepBoth},
    {"ReduceMax", &Comparisons, &KeepBoth},
    {"ReduceMin", &Comparisons, &KeepBoth},
    {"ReduceLogSumExp", &LogSumExp, &KeepBoth},
    {"CumSum", &SameAdditions, &KeepNothing},
    {"Softmax", &Softmax, &KeepOutput},
    {"LogSoftmax", &LogSoftmax, &KeepOutput},
};

}  // namespace

absl::Span<const BackwardRow> WindowBackwardRows() { return kRows; }

}  // namespace tensord::analysis::model
