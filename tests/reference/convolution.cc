#include <optional>

#include "tests/reference/coordinates.h"
#include "tests/reference/reference.h"
#include "tests/reference/sums.h"

namespace tensord::reference {
namespace {

using compute::ConvolutionGeometry;

// One product w[o, c, taps] * x0[n, c', ...] of Z[n, o, ...].
struct Term {
  size_t output;
  size_t filter;
  size_t input;
  bool inside;  // else x0 is the zero outside x, and `input` means nothing
  size_t output_channel;
};

// Calls visit with every term of a convolution.
template <typename Visit>
void ForEachTerm(const ConvolutionGeometry& g, Visit&& visit) {
  const auto axes = ThreeAxes(g.axes);
  const int64_t input_channels_per_group = g.input_channels / g.groups;
  const int64_t output_channels_per_group = g.output_channels / g.groups;
  const bool flipped = g.kernel == compute::KernelMode::kTrueConvolution;
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t o = 0; o < g.output_channels; ++o) {
      ForEach({axes[0].output, axes[1].output, axes[2].output}, [&](const std::array<int64_t, 3>& y) {
        Coordinates output;
        output['N'] = n;
        output['C'] = o;
        for (size_t i = 0; i < 3; ++i) output[kSpatialLetters[i]] = y[i];
        for (int64_t c = 0; c < input_channels_per_group; ++c) {
          ForEach({axes[0].window, axes[1].window, axes[2].window}, [&](const std::array<int64_t, 3>& k) {
            Coordinates input;
            Coordinates filter;
            input['N'] = n;
            input['C'] = o / output_channels_per_group * input_channels_per_group + c;
            filter['O'] = o;
            filter['I'] = c;
            bool inside = true;
            for (size_t i = 0; i < 3; ++i) {
              const int64_t p = y[i] * axes[i].stride + k[i] * axes[i].dilation - axes[i].pad_begin;
              const std::optional<int64_t> cell = CellAt(g.padding_source, axes[i].input, p);
              inside = inside && cell.has_value();
              input[kSpatialLetters[i]] = cell.value_or(0);
              filter[kSpatialLetters[i]] = flipped ? axes[i].window - 1 - k[i] : k[i];
            }
            visit(Term{.output = Offset(g.input_layout.letters(), g.output_shape, output),
                       .filter = Offset(g.filter_layout.letters(), g.filter_shape, filter),
                       .input = Offset(g.input_layout.letters(), g.input_shape, input),
                       .inside = inside,
                       .output_channel = static_cast<size_t>(o)});
          });
        }
      });
    }
  }
}

// Calls visit(output element, its channel) for every element of the output.
template <typename Visit>
void ForEachOutput(const ConvolutionGeometry& g, Visit&& visit) {
  const auto axes = ThreeAxes(g.axes);
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int64_t o = 0; o < g.output_channels; ++o) {
      ForEach({axes[0].output, axes[1].output, axes[2].output}, [&](const std::array<int64_t, 3>& y) {
        Coordinates output;
        output['N'] = n;
        output['C'] = o;
        for (size_t i = 0; i < 3; ++i) output[kSpatialLetters[i]] = y[i];
        visit(Offset(g.input_layout.letters(), g.output_shape, output), static_cast<size_t>(o));
      });
    }
  }
}

}  // namespace

Sums Convolve(const ConvolutionGeometry& geometry, const std::vector<double>& x, const std::vector<double>& w,
              const std::vector<double>& b) {
  Accumulator z(CountOf(geometry.output_shape));
  if (!b.empty()) {
    ForEachOutput(geometry, [&](size_t output, size_t channel) { z.Add(output, b[channel]); });
  }
  ForEachTerm(geometry, [&](const Term& term) {
    const long double x0 = term.inside ? static_cast<long double>(x[term.input]) : 0.0L;
    z.Add(term.output, static_cast<long double>(w[term.filter]) * x0);
  });
  return z.Finish();
}

ConvolutionGradients ConvolveBackward(const ConvolutionGeometry& geometry, const std::vector<double>& x,
                                      const std::vector<double>& w, const std::vector<double>& dz) {
  Accumulator dx(CountOf(geometry.input_shape));
  Accumulator dw(CountOf(geometry.filter_shape));
  Accumulator db(geometry.output_channels);
  ForEachOutput(geometry, [&](size_t output, size_t channel) { db.Add(channel, dz[output]); });
  ForEachTerm(geometry, [&](const Term& term) {
    const long double upstream = dz[term.output];
    dw.Add(term.filter, upstream * (term.inside ? static_cast<long double>(x[term.input]) : 0.0L));
    if (term.inside) dx.Add(term.input, upstream * static_cast<long double>(w[term.filter]));
  });
  return {.input = dx.Finish(), .filter = dw.Finish(), .bias = db.Finish()};
}

}  // namespace tensord::reference
