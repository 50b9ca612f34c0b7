// Which elements a convolution multiplies, as a list: for oracles that need every term by itself.
#ifndef TENSORD_TESTS_REFERENCE_PRODUCTS_H_
#define TENSORD_TESTS_REFERENCE_PRODUCTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "tensord/compute/convolution.h"
#include "tests/reference/coordinates.h"

namespace tensord::reference {

inline constexpr size_t kOutside = static_cast<size_t>(-1);

// x[input] * w[filter] is a term of z[output]; so dz[output] * w[filter] is one of dx[input], and dz[output] * x[input]
// one of dw[filter]. Where `input` is kOutside, x is the zero that is read there.
struct Product {
  size_t output;
  size_t input;
  size_t filter;
};

// All products, and the output channel of each output element.
struct Products {
  std::vector<Product> all;
  std::vector<size_t> channels;
};

inline Products ProductsOf(const compute::ConvolutionGeometry& g) {
  const auto axes = ThreeAxes(g.axes);
  const bool flipped = g.kernel == compute::KernelMode::kTrueConvolution;
  const int64_t inputs_per_group = g.input_channels / g.groups;
  const int64_t outputs_per_group = g.output_channels / g.groups;
  Products products;
  int64_t count = 1;
  for (const int64_t size : g.output_shape) count *= size;
  products.channels.resize(static_cast<size_t>(count));
  Coordinates output;
  Coordinates input;
  Coordinates filter;
  const auto visit_taps = [&](const std::array<int64_t, 3>& y, const std::array<int64_t, 3>& taps) {
    bool inside = true;
    for (size_t i = 0; i < 3; ++i) {
      const int64_t p = y[i] * axes[i].stride - axes[i].pad_begin + taps[i] * axes[i].dilation;
      const std::optional<int64_t> cell = CellAt(g.padding_source, axes[i].input, p);
      inside = inside && cell.has_value();
      input[kSpatialLetters[i]] = cell.value_or(0);
      filter[kSpatialLetters[i]] = flipped ? axes[i].window - 1 - taps[i] : taps[i];
    }
    products.all.push_back({.output = Offset(g.input_layout.letters(), g.output_shape, output),
                            .input = inside ? Offset(g.input_layout.letters(), g.input_shape, input) : kOutside,
                            .filter = Offset(g.filter_layout.letters(), g.filter_shape, filter)});
  };
  for (int64_t n = 0; n < g.batch; ++n) {
    output['N'] = input['N'] = n;
    for (int64_t o = 0; o < g.output_channels; ++o) {
      output['C'] = filter['O'] = o;
      ForEach({axes[0].output, axes[1].output, axes[2].output}, [&](const std::array<int64_t, 3>& y) {
        for (size_t i = 0; i < 3; ++i) output[kSpatialLetters[i]] = y[i];
        products.channels[Offset(g.input_layout.letters(), g.output_shape, output)] = static_cast<size_t>(o);
        for (int64_t c = 0; c < inputs_per_group; ++c) {
          filter['I'] = c;
          input['C'] = o / outputs_per_group * inputs_per_group + c;
          ForEach({axes[0].window, axes[1].window, axes[2].window},
                  [&](const std::array<int64_t, 3>& taps) { visit_taps(y, taps); });
        }
      });
    }
  }
  return products;
}

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_PRODUCTS_H_
