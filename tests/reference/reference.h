// The slow oracle: every operator as plain loops over coordinates, summed in long double.
//
// It shares no code with the kernels. From compute it takes only the structs that describe a problem. Tensors are
// vectors of double in the order of their own layout; "W" and "HW" count as one sample with one channel.
#ifndef TENSORD_TESTS_REFERENCE_REFERENCE_H_
#define TENSORD_TESTS_REFERENCE_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "tensord/compute/activation.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::reference {

// Sums of products, element by element, with what error bounds need.
struct Sums {
  std::vector<double> values;
  std::vector<double> magnitudes;  // the sums of the terms' absolute values
  std::vector<int64_t> terms;      // the number of terms
};

// Z: the convolution before any activation. `b` is empty for no bias. Terms outside the input count as w * 0.
Sums Convolve(const compute::ConvolutionGeometry& geometry, const std::vector<double>& x, const std::vector<double>& w,
              const std::vector<double>& b);

// Gradients of a J whose derivative by Z is dz.
struct ConvolutionGradients {
  Sums input;
  Sums filter;
  Sums bias;
};
ConvolutionGradients ConvolveBackward(const compute::ConvolutionGeometry& geometry, const std::vector<double>& x,
                                      const std::vector<double>& w, const std::vector<double>& dz);

// A transposed convolution before any activation, and its gradients.
Sums ConvolveTranspose(const compute::TransposedConvolutionGeometry& geometry, const std::vector<double>& x,
                       const std::vector<double>& w, const std::vector<double>& b);
ConvolutionGradients ConvolveTransposeBackward(const compute::TransposedConvolutionGeometry& geometry,
                                               const std::vector<double>& x, const std::vector<double>& w,
                                               const std::vector<double>& dz);

// A pooling. `indices` is empty but for max; `sums.terms` counts the window's elements inside the input.
// Magnitudes are of average poolings: sum |x| / divisor. An empty window's maximum is -infinity with the index -1.
struct Pooled {
  Sums sums;
  std::vector<int64_t> indices;
};
Pooled Pool(const compute::PoolingGeometry& geometry, const std::vector<double>& x);

// Its dJ/dX.
Sums PoolBackward(const compute::PoolingGeometry& geometry, const std::vector<double>& x,
                  const std::vector<double>& dy);

// x with x[indices[k]] = y[k], the last in row-major order of a plane winning; and dJ/dy of it. An index of -1 is
// skipped. The indices have to be right.
std::vector<double> Unpool(const compute::PoolingGeometry& geometry, const std::vector<double>& y,
                           const std::vector<int64_t>& indices);
std::vector<double> UnpoolBackward(const compute::PoolingGeometry& geometry, const std::vector<int64_t>& indices,
                                   const std::vector<double>& dx);

// f(x) and f'(x).
long double Activate(const compute::Activation& activation, long double x);
long double ActivationDerivative(const compute::Activation& activation, long double x);
// The same formulas in double, of a finite x, for walks too long for the above. Far less exact where they cancel or
// where x / alpha is below 1e-290; a walk compares the two.
double ActivateInDouble(const compute::Activation& activation, double x);
double ActivationDerivativeInDouble(const compute::Activation& activation, double x);

// exp(x) / sum exp(x) along an axis, or the logarithm of that, and the gradient of a J whose derivative by it is dy.
std::vector<long double> Softmax(bool log, const compute::Shape& shape, int axis, const std::vector<double>& x);
std::vector<long double> SoftmaxBackward(bool log, const compute::Shape& shape, int axis, const std::vector<double>& x,
                                         const std::vector<double>& dy);

// Of each element of an input, the index of its slope in a prelu: axis k of the slopes lies along axes[k] of the input.
std::vector<size_t> SlopeIndices(const compute::Shape& input, const compute::Shape& slopes,
                                 const std::vector<int>& axes);

// The number of windows along one axis, counted by stepping through them one at a time. 0 where the first does not fit.
int64_t CountWindows(compute::LengthRule rule, const compute::AxisWindow& axis);

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_REFERENCE_H_
