// Networks as their papers describe them, for one square image of N; scores are not normalized.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_NETWORKS_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_NETWORKS_H_

#include <cstdint>
#include <vector>

#include "tensord/analysis/graph.h"

namespace tensord::analysis::networks {

// Stages C1 S2 C3 S4 C5 F6 output, of an image of 32 x 32. Every map of C3 reads those maps of S2 that the paper's
// table I says; the output's centers are fixed.
// Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE
// 86(11), 1998, section II.B, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf
Graph LeNet5();

// Stages conv1..conv5, fc6..fc8, with two groups in the 2nd, 4th and 5th.
// Source: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012,
// section 3.5 and figure 2,
// https://papers.nips.cc/paper_files/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html
Graph AlexNet();
// As torchvision has it, after Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014).
Graph TorchvisionAlexNet();

// The columns of table 1. `kC`: with 1 x 1 filters at the end of the last three stages; `kALrn`: with a local response
// normalization behind the first layer.
// Source: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014,
// https://arxiv.org/abs/1409.1556
enum class Vgg : uint8_t { kA, kALrn, kB, kC, kD, kE };
// Stages conv1, pool1, .., conv5, pool5 and fc.
Graph VggNet(Vgg column, int64_t size = 224);

// What the identity becomes where sizes differ: every second pixel with zeros for the new channels (the paper's option
// A), or a convolution (B).
enum class Shortcut : uint8_t { kPadded, kProjected };
// Which layer of a bottleneck has the stride: the first one, as in the paper, or the second, as in torchvision.
enum class Stride : uint8_t { kFirst, kSecond };
// Stages conv1, conv2_x..conv5_x and fc; `depth`: 18, 34, 50, 101 or 152.
// Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015, table 1,
// https://arxiv.org/abs/1512.03385
Graph ResNet(int depth, Shortcut shortcut, Stride stride);
// That of section 4.2 for images of 32 x 32, with 6 * blocks + 2 layers, and padded shortcuts.
Graph CifarResNet(int blocks);

// What stands between the layers of a MobileNet.
enum class Separable : uint8_t { kYes, kNo };
// Stages conv, separable1..separable13 and fc. `width` is the width multiplier in quarters; `middle` how many layers of
// 14 x 14 x 512 are repeated (5 in table 1, 0 in the shallow one of table 5). kNo: full convolutions instead.
// Source: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017,
// table 1, https://arxiv.org/abs/1704.04861
Graph MobileNetV1(int64_t size, int64_t width, int middle, Separable separable);

// The paper's width multiplier as a fraction.
struct Width {
  int64_t numerator = 1;
  int64_t denominator = 1;
};
// Stages conv, bottleneck1..bottleneck17, last and fc. The last layer's channels are not multiplied below 1.
// Source: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018, table 2,
// https://arxiv.org/abs/1801.04381
Graph MobileNetV2(int64_t size, Width width = {});

// Stages conv1, fire2..fire9 and conv10.
// Source: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016,
// table 1, https://arxiv.org/abs/1602.07360
Graph SqueezeNet(int64_t size);
// The lighter one, as torchvision has it.
// Source: https://github.com/forresti/SqueezeNet/tree/master/SqueezeNet_v1.1
Graph SqueezeNet11(int64_t size);

}  // namespace tensord::analysis::networks

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_NETWORKS_H_
