#include "tests/reference/coordinates.h"
#include "tests/reference/reference.h"
#include "tests/reference/sums.h"

namespace tensord::reference {
namespace {

using compute::TransposedConvolutionGeometry;

// One product x[n, c, y] * w[c, o, k], scattered to Z[n, o', y*stride + k*dilation - padding].
struct Term {
  size_t input;
  size_t filter;
  size_t output;
  bool inside;  // else it falls outside Z, and `output` means nothing
};

// Calls visit with every term. Of an axis, `output` is the operator's input and `input` its output.
template <typename Visit>
void ForEachTerm(const TransposedConvolutionGeometry& g, Visit&& visit) {
  const auto axes = ThreeAxes(g.axes());
  const int64_t input_channels_per_group = g.input_channels() / g.groups();
  const int64_t output_channels_per_group = g.output_channels() / g.groups();
  const bool flipped = g.convolution.kernel == compute::KernelMode::kTrueConvolution;
  for (int64_t n = 0; n < g.batch(); ++n) {
    for (int64_t c = 0; c < g.input_channels(); ++c) {
      for (int64_t o = 0; o < output_channels_per_group; ++o) {
        ForEach({axes[0].output, axes[1].output, axes[2].output}, [&](const std::array<int64_t, 3>& y) {
          ForEach({axes[0].window, axes[1].window, axes[2].window}, [&](const std::array<int64_t, 3>& k) {
            Coordinates input;
            Coordinates filter;
            Coordinates output;
            input['N'] = output['N'] = n;
            input['C'] = filter['I'] = c;
            filter['O'] = o;
            output['C'] = c / input_channels_per_group * output_channels_per_group + o;
            bool inside = true;
            for (size_t i = 0; i < 3; ++i) {
              const char letter = kSpatialLetters[i];
              const int64_t p = y[i] * axes[i].stride + k[i] * axes[i].dilation - axes[i].pad_begin;
              inside = inside && p >= 0 && p < axes[i].input;
              input[letter] = y[i];
              output[letter] = p;
              filter[letter] = flipped ? axes[i].window - 1 - k[i] : k[i];
            }
            visit(Term{.input = Offset(g.input_layout().letters(), g.input_shape(), input),
                       .filter = Offset(g.filter_layout.letters(), g.filter_shape(), filter),
                       .output = inside ? Offset(g.input_layout().letters(), g.output_shape(), output) : 0,
                       .inside = inside});
          });
        });
      }
    }
  }
}

// Calls visit(output element, its channel) for every element of the output.
template <typename Visit>
void ForEachOutput(const TransposedConvolutionGeometry& g, Visit&& visit) {
  const auto axes = ThreeAxes(g.axes());
  for (int64_t n = 0; n < g.batch(); ++n) {
    for (int64_t o = 0; o < g.output_channels(); ++o) {
      ForEach({axes[0].input, axes[1].input, axes[2].input}, [&](const std::array<int64_t, 3>& p) {
        Coordinates output;
        output['N'] = n;
        output['C'] = o;
        for (size_t i = 0; i < 3; ++i) output[kSpatialLetters[i]] = p[i];
        visit(Offset(g.input_layout().letters(), g.output_shape(), output), static_cast<size_t>(o));
      });
    }
  }
}

}  // namespace

Sums ConvolveTranspose(const TransposedConvolutionGeometry& geometry, const std::vector<double>& x,
                       const std::vector<double>& w, const std::vector<double>& b) {
  Accumulator z(CountOf(geometry.output_shape()));
  if (!b.empty()) {
    ForEachOutput(geometry, [&](size_t output, size_t channel) { z.Add(output, b[channel]); });
  }
  ForEachTerm(geometry, [&](const Term& term) {
    if (term.inside) z.Add(term.output, static_cast<long double>(w[term.filter]) * x[term.input]);
  });
  return z.Finish();
}

ConvolutionGradients ConvolveTransposeBackward(const TransposedConvolutionGeometry& geometry,
                                               const std::vector<double>& x, const std::vector<double>& w,
                                               const std::vector<double>& dz) {
  Accumulator dx(CountOf(geometry.input_shape()));
  Accumulator dw(CountOf(geometry.filter_shape()));
  Accumulator db(geometry.output_channels());
  ForEachOutput(geometry, [&](size_t output, size_t channel) { db.Add(channel, dz[output]); });
  ForEachTerm(geometry, [&](const Term& term) {
    const long double upstream = term.inside ? dz[term.output] : 0.0;
    dw.Add(term.filter, upstream * static_cast<long double>(x[term.input]));
    dx.Add(term.input, upstream * static_cast<long double>(w[term.filter]));
  });
  return {.input = dx.Finish(), .filter = dw.Finish(), .bias = db.Finish()};
}

}  // namespace tensord::reference
