// The counts of a convolution and of a transposed one, which differ in what they are made of and not in what they are.
#ifndef TENSORD_ANALYSIS_SRC_CONVOLUTION_COUNTS_H_
#define TENSORD_ANALYSIS_SRC_CONVOLUTION_COUNTS_H_

#include "analysis/src/derivation.h"
#include "analysis/src/layer_builder.h"
#include "tensord/analysis/layer.h"

namespace tensord::analysis {

// What the counts follow from. Elements, unless something else is said.
struct ConvolutionCounts {
  Derivation item_size;  // bytes
  Derivation input_channels;
  Derivation output_channels;
  Derivation input;
  Derivation weights;
  Derivation outputs;
  Derivation products;
  Derivation additions;  // without the bias'
  bool bias = false;
};

// Records every count of `result` but its output_shape.
void RecordCounts(const ConvolutionCounts& counts, LayerBuilder& builder, LayerAnalysis& result);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_SRC_CONVOLUTION_COUNTS_H_
