#include "server/convert/model_field_convert.h"

#include <cstdint>

#include "server/convert/append.h"
#include "server/convert/count_convert.h"
#include "tensord/analysis/receptive_field.h"

namespace tensord::server {
namespace {

void EncodeNumber(int64_t number, v1::Count& message) { EncodeCount(analysis::Count(number), message); }

void EncodeFraction(const analysis::Fraction& fraction, v1::Ratio& message) {
  EncodeNumber(fraction.numerator, *message.mutable_numerator());
  EncodeNumber(fraction.denominator, *message.mutable_denominator());
}

void EncodeAxis(const analysis::ReceptiveAxis& axis, v1::ReceptiveAxis& message) {
  message.set_axis(static_cast<int32_t>(axis.axis));
  message.set_output_axis(static_cast<int32_t>(axis.output_axis));
  EncodeCount(axis.size, *message.mutable_size());
  EncodeFraction(axis.stride, *message.mutable_stride());
  EncodeFraction(axis.offset, *message.mutable_offset());
  if (axis.begin_border.has_value()) EncodeNumber(*axis.begin_border, *message.mutable_begin_border_count());
  if (axis.end_border.has_value()) EncodeNumber(*axis.end_border, *message.mutable_end_border_count());
  message.set_is_whole(axis.is_whole);
}

}  // namespace

void EncodeReceptiveFields(const std::vector<std::string>& inputs, const analysis::ModelLayer& layer,
                           v1::ModelLayer& message) {
  for (const analysis::ReceptiveField& field : layer.receptive_fields) {
    v1::ReceptiveField& encoded = Append(*message.mutable_receptive_fields());
    encoded.set_input(inputs[field.input]);
    for (const analysis::ReceptiveAxis& axis : field.axes) EncodeAxis(axis, Append(*encoded.mutable_axes()));
  }
}

}  // namespace tensord::server
