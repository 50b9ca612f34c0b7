#include "analysis/src/convolution_counts.h"

namespace tensord::analysis {

Derivation OutputItemSize(compute::DataType type) {
  if (compute::Is8Bit(type)) return Derivation::Named("output_item_size", compute::ItemSize(compute::DataType::kInt32));
  return Derivation::Named("item_size", compute::ItemSize(type));
}

void RecordCounts(const ConvolutionCounts& c, LayerBuilder& builder, LayerAnalysis& result) {
  const Derivation none(0);
  result.parameter_count = builder.Record("parameter_count", c.bias ? c.weights + c.output_channels : c.weights);
  result.weight_count = builder.Record("weight_count", c.weights);
  result.bias_count = builder.Record("bias_count", c.bias ? c.output_channels : none);
  result.multiplication_count = builder.Record("multiplication_count", c.products);
  result.addition_count = builder.Record("addition_count", c.bias ? c.additions + c.outputs : c.additions);
  result.mac_count = builder.Record("mac_count", c.products);
  result.flop_count = builder.Record("flop_count", Derivation(2) * c.products);
  result.input_channel_count = builder.Record("input_channel_count", c.input_channels);
  result.output_channel_count = builder.Record("output_channel_count", c.output_channels);
  result.byte_count.input = builder.Record("byte_count.input", c.input * c.item_size);
  result.byte_count.filter = builder.Record("byte_count.filter", c.weights * c.item_size);
  result.byte_count.bias = builder.Record("byte_count.bias", c.bias ? c.output_channels * c.output_item_size : none);
  result.byte_count.output = builder.Record("byte_count.output", c.outputs * c.output_item_size);
  result.comparison_count = builder.Record("comparison_count", none);
  result.division_count = builder.Record("division_count", none);
}

}  // namespace tensord::analysis
