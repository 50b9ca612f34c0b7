// The counts of a convolution and of a transposed one, which differ in what they are made of and not in what they are.
#ifndef TENSORD_ANALYSIS_SRC_CONVOLUTION_COUNTS_H_
#define TENSORD_ANALYSIS_SRC_CONVOLUTION_COUNTS_H_

#include "analysis/src/derivation.h"
#include "analysis/src/layer_builder.h"
#include "tensord/analysis/layer.h"
#include "tensord/compute/data_type.h"

namespace tensord::analysis {

// What the counts follow from. Elements, unless something else is said.
struct ConvolutionCounts {
  Derivation item_size;         // bytes
  Derivation output_item_size;  // of the bias too
  Derivation input_channels;
  Derivation output_channels;
  Derivation input;
  Derivation weights;
  Derivation outputs;
  Derivation products;
  Derivation additions;  // without the bias'
  bool bias = false;
};

// Bytes of an element of the result of a convolution of that type: of int32 for the types of 8 bits.
[[nodiscard]] Derivation OutputItemSize(compute::DataType type);

// Records every count of `result` but its output_shape.
void RecordCounts(const ConvolutionCounts& counts, LayerBuilder& builder, LayerAnalysis& result);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_SRC_CONVOLUTION_COUNTS_H_
