// Receptive fields of published networks against a published table (field_network.h).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/analysis/model/field_network.h"

namespace tensord::analysis::model {
namespace {

TEST(ReceptiveFieldNetworksTest, AlexNet) {
  for (const int64_t resolution : {224, 321}) {
    Network network(resolution);
    network.Valid(11, 4, "conv1").Pool(3, 2, "pool1").Same(5, 1, "conv2").Pool(3, 2);
    network.Same(3, 1, "conv3").Same(3, 1, "conv4").Same(3, 1, "conv5").Pool(3, 2, "pool5");
    Compare(network, {{"conv1", 11, 4, 0},
                      {"pool1", 19, 8, 0},
                      {"conv2", 51, 8, 16},
                      {"conv3", 99, 16, 32},
                      {"conv4", 131, 16, 48},
                      {"conv5", 163, 16, 64},
                      {"pool5", 195, 32, 64}});
  }
}

TEST(ReceptiveFieldNetworksTest, Vgg) {
  for (const int64_t resolution : {224, 321}) {
    Network vgg_a(resolution);
    Network vgg_16(resolution);
    const int lengths_a[] = {1, 1, 2, 2, 2};
    const int lengths_16[] = {2, 2, 3, 3, 3};
    for (int block = 0; block < 5; ++block) {
      for (int i = 0; i < lengths_a[block]; ++i) vgg_a.Same(3);
      for (int i = 0; i < lengths_16[block]; ++i) vgg_16.Same(3);
      vgg_a.Pool(2, 2, absl::StrCat("pool", block + 1));
      vgg_16.Pool(2, 2, absl::StrCat("pool", block + 1));
    }
    Compare(
        vgg_a,
        {{"pool1", 4, 2, 1}, {"pool2", 10, 4, 3}, {"pool3", 30, 8, 11}, {"pool4", 70, 16, 27}, {"pool5", 150, 32, 59}});
    Compare(vgg_16, {{"pool1", 6, 2, 2},
                     {"pool2", 16, 4, 6},
                     {"pool3", 44, 8, 18},
                     {"pool4", 100, 16, 42},
                     {"pool5", 212, 32, 90}});
  }
}

Network MobileNet(int64_t resolution) {
  Network network(resolution);
  network.Same(3, 2, "Conv2d_0");
  const int64_t strides[] = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
  for (size_t i = 0; i < 13; ++i) network.Same(3, strides[i]).Same(1, 1, absl::StrCat("Conv2d_", i + 1));
  return network;
}

TEST(ReceptiveFieldNetworksTest, MobileNet) {
  Compare(MobileNet(224), {{"Conv2d_3", 19, 4, 6},
                           {"Conv2d_4", 27, 8, 6},
                           {"Conv2d_5", 43, 8, 14},
                           {"Conv2d_6", 59, 16, 14},
                           {"Conv2d_11", 219, 16, 94},
                           {"Conv2d_12", 251, 32, 94},
                           {"Conv2d_13", 315, 32, 126}});
  Compare(MobileNet(321), {{"Conv2d_0", 3, 2, 1},
                           {"Conv2d_1", 7, 2, 3},
                           {"Conv2d_2", 11, 4, 5},
                           {"Conv2d_4", 27, 8, 13},
                           {"Conv2d_6", 59, 16, 29},
                           {"Conv2d_12", 251, 32, 125},
                           {"Conv2d_13", 315, 32, 157}});
}

// A block's last unit has its stride, and none in the last block. Units whose channels change have a convolution
// beside the others, which are copied or, with a stride, picked.
Network ResNet(int64_t resolution, const std::vector<int>& blocks) {
  Network network(resolution);
  network.Padded(7, 2, 3).Pool(3, 2, "", "SAME_UPPER");
  for (size_t block = 0; block < blocks.size(); ++block) {
    for (int unit = 0; unit < blocks[block]; ++unit) {
      const bool is_last = unit + 1 == blocks[block];
      const bool has_stride = is_last && block + 1 < blocks.size();
      const std::string before = network.at();
      std::string shortcut = before;
      if (unit == 0) shortcut = network.Same(1).at();
      if (has_stride) shortcut = network.From(before).Pool(1, 2).at();
      network.From(before).Same(1);
      if (has_stride) {
        network.Padded(3, 2, 1);
      } else {
        network.Same(3);
      }
      network.Same(1).Plus(shortcut, is_last ? absl::StrCat("block", block + 1) : "");
    }
  }
  return network;
}

TEST(ReceptiveFieldNetworksTest, ResNet) {
  Compare(ResNet(224, {3, 4, 6, 3}),
          {{"block1", 35, 8, 15}, {"block2", 99, 16, 47}, {"block3", 291, 32, 143}, {"block4", 483, 32, 239}});
  Compare(ResNet(321, {3, 4, 6, 3}),
          {{"block1", 35, 8, 17}, {"block2", 99, 16, 49}, {"block3", 291, 32, 145}, {"block4", 483, 32, 241}});
  Compare(ResNet(224, {3, 4, 23, 3}), {{"block3", 835, 32, 415}, {"block4", 1027, 32, 511}});
  Compare(ResNet(321, {3, 4, 23, 3}), {{"block3", 835, 32, 417}, {"block4", 1027, 32, 513}});
  Compare(ResNet(224, {3, 8, 36, 3}), {{"block2", 163, 16, 79}, {"block3", 1315, 32, 655}, {"block4", 1507, 32, 751}});
  Compare(ResNet(321, {3, 8, 36, 3}), {{"block2", 163, 16, 81}, {"block3", 1315, 32, 657}, {"block4", 1507, 32, 753}});
  Compare(ResNet(224, {3, 24, 36, 3}), {{"block2", 419, 16, 207}, {"block4", 1763, 32, 879}});
}

}  // namespace
}  // namespace tensord::analysis::model
