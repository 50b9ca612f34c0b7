// As receptive_field_networks_test.cc, of networks whose branches stand beside each other.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/analysis/model/field_network.h"

namespace tensord::analysis::model {
namespace {

// Filters of 1 x 1, one of 3 x 3, two of them, and a pooling.
std::vector<Branch> UpTo5x5(const std::string& pooling) {
  return {{Filter(1)}, {Filter(1), Filter(3)}, {Filter(1), Filter(3), Filter(3)}, PoolAndFilter(pooling)};
}

Network InceptionV2(int64_t resolution) {
  Network network(resolution);
  network.Same(7, 2, "Conv2d_1a_7x7").Pool(3, 2, "MaxPool_2a_3x3", "SAME_UPPER");
  network.Same(1, 1, "Conv2d_2b_1x1").Same(3, 1, "Conv2d_2c_3x3").Pool(3, 2, "MaxPool_3a_3x3", "SAME_UPPER");
  const std::vector<Branch> halving = {{Filter(1), Halving("Conv", "SAME_UPPER")},
                                       {Filter(1), Filter(3), Halving("Conv", "SAME_UPPER")},
                                       {Halving("MaxPool", "SAME_UPPER")}};
  network.Mixed("Mixed_3b", UpTo5x5("AveragePool")).Mixed("Mixed_3c", UpTo5x5("AveragePool"));
  network.Mixed("Mixed_4a", halving);
  for (const char* name : {"Mixed_4b", "Mixed_4c", "Mixed_4d", "Mixed_4e"}) network.Mixed(name, UpTo5x5("AveragePool"));
  network.Mixed("Mixed_5a", halving);
  network.Mixed("Mixed_5b", UpTo5x5("AveragePool")).Mixed("Mixed_5c", UpTo5x5("MaxPool"));
  return network;
}

TEST(ReceptiveFieldInceptionTest, InceptionV2) {
  Compare(InceptionV2(224), {{"Conv2d_1a_7x7", 7, 2, 2},
                             {"MaxPool_2a_3x3", 11, 4, 2},
                             {"Conv2d_2b_1x1", 11, 4, 2},
                             {"Conv2d_2c_3x3", 19, 4, 6},
                             {"MaxPool_3a_3x3", 27, 8, 6},
                             {"Mixed_3b", 59, 8, 22},
                             {"Mixed_3c", 91, 8, 38},
                             {"Mixed_4a", 123, 16, 46},
                             {"Mixed_4b", 187, 16, 78},
                             {"Mixed_4e", 379, 16, 174},
                             {"Mixed_5a", 443, 32, 190},
                             {"Mixed_5b", 571, 32, 254},
                             {"Mixed_5c", 699, 32, 318}});
  Compare(InceptionV2(321), {{"Conv2d_1a_7x7", 7, 2, 3},
                             {"MaxPool_2a_3x3", 11, 4, 5},
                             {"Conv2d_2c_3x3", 19, 4, 9},
                             {"MaxPool_3a_3x3", 27, 8, 13},
                             {"Mixed_3c", 91, 8, 45},
                             {"Mixed_4a", 123, 16, 61},
                             {"Mixed_4e", 379, 16, 189},
                             {"Mixed_5a", 443, 32, 221},
                             {"Mixed_5c", 699, 32, 349}});
}

// What the third and fourth have in common.
std::vector<Branch> HalvingBy3x3() {
  return {{Halving("Conv", "VALID")}, {Filter(1), Filter(3), Halving("Conv", "VALID")}, {Halving("MaxPool", "VALID")}};
}
std::vector<Branch> UpTo13x13() {
  return {{Filter(1)},
          {Filter(1), Filter(1, 7), Filter(7, 1)},
          {Filter(1), Filter(7, 1), Filter(1, 7), Filter(7, 1), Filter(1, 7)},
          PoolAndFilter("AveragePool")};
}
std::vector<Branch> HalvingBy7x7() {
  return {{Filter(1), Halving("Conv", "VALID")},
          {Filter(1), Filter(1, 7), Filter(7, 1), Halving("Conv", "VALID")},
          {Halving("MaxPool", "VALID")}};
}

// A branch that forks into a row and a column is two.
Network InceptionV3(int64_t resolution) {
  Network network(resolution);
  network.Valid(3, 2, "Conv2d_1a_3x3").Valid(3, 1, "Conv2d_2a_3x3").Same(3, 1, "Conv2d_2b_3x3");
  network.Pool(3, 2, "MaxPool_3a_3x3").Same(1, 1, "Conv2d_3b_1x1").Valid(3, 1, "Conv2d_4a_3x3");
  network.Pool(3, 2, "MaxPool_5a_3x3");
  const std::vector<Branch> first = {
      {Filter(1)}, {Filter(1), Filter(5)}, {Filter(1), Filter(3), Filter(3)}, PoolAndFilter("AveragePool")};
  for (const char* name : {"Mixed_5b", "Mixed_5c", "Mixed_5d"}) network.Mixed(name, first);
  network.Mixed("Mixed_6a", HalvingBy3x3());
  for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"}) network.Mixed(name, UpTo13x13());
  network.Mixed("Mixed_7a", HalvingBy7x7());
  const std::vector<Branch> last = {{Filter(1)},
                                    {Filter(1), Filter(1, 3)},
                                    {Filter(1), Filter(3, 1)},
                                    {Filter(1), Filter(3), Filter(1, 3)},
                                    {Filter(1), Filter(3), Filter(3, 1)},
                                    PoolAndFilter("AveragePool")};
  return network.Mixed("Mixed_7b", last).Mixed("Mixed_7c", last);
}

TEST(ReceptiveFieldInceptionTest, InceptionV3) {
  for (const int64_t resolution : {224, 321}) {
    Compare(InceptionV3(resolution), {{"Conv2d_1a_3x3", 3, 2, 0},
                                      {"Conv2d_2a_3x3", 7, 2, 0},
                                      {"Conv2d_2b_3x3", 11, 2, 2},
                                      {"MaxPool_3a_3x3", 15, 4, 2},
                                      {"Conv2d_3b_1x1", 15, 4, 2},
                                      {"Conv2d_4a_3x3", 23, 4, 2},
                                      {"MaxPool_5a_3x3", 31, 8, 2},
                                      {"Mixed_5b", 63, 8, 18},
                                      {"Mixed_5c", 95, 8, 34},
                                      {"Mixed_5d", 127, 8, 50},
                                      {"Mixed_6a", 159, 16, 58},
                                      {"Mixed_6b", 351, 16, 154},
                                      {"Mixed_6c", 543, 16, 250},
                                      {"Mixed_6d", 735, 16, 346},
                                      {"Mixed_6e", 927, 16, 442},
                                      {"Mixed_7a", 1055, 32, 490},
                                      {"Mixed_7b", 1183, 32, 554},
                                      {"Mixed_7c", 1311, 32, 618}});
  }
}

Network InceptionV4(int64_t resolution) {
  Network network(resolution);
  network.Valid(3, 2, "Conv2d_1a_3x3").Valid(3, 1, "Conv2d_2a_3x3").Same(3, 1, "Conv2d_2b_3x3");
  const Step valid = {.op_type = "Conv", .height = 3, .width = 3, .padding = "VALID"};
  const std::vector<Branch> halving = {{Halving("MaxPool", "VALID")}, {Halving("Conv", "VALID")}};
  network.Mixed("Mixed_3a", halving);
  network.Mixed("Mixed_4a", {{Filter(1), valid}, {Filter(1), Filter(1, 7), Filter(7, 1), valid}});
  network.Mixed("Mixed_5a", halving);
  for (const char* name : {"Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_5e"}) network.Mixed(name, UpTo5x5("AveragePool"));
  network.Mixed("Mixed_6a", HalvingBy3x3());
  for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e", "Mixed_6f", "Mixed_6g", "Mixed_6h"}) {
    network.Mixed(name, UpTo13x13());
  }
  network.Mixed("Mixed_7a", HalvingBy7x7());
  const std::vector<Branch> last = {{Filter(1)},
                                    {Filter(1), Filter(1, 3)},
                                    {Filter(1), Filter(3, 1)},
                                    {Filter(1), Filter(3, 1), Filter(1, 3), Filter(1, 3)},
                                    {Filter(1), Filter(3, 1), Filter(1, 3), Filter(3, 1)},
                                    PoolAndFilter("AveragePool")};
  return network.Mixed("Mixed_7b", last).Mixed("Mixed_7c", last).Mixed("Mixed_7d", last);
}

TEST(ReceptiveFieldInceptionTest, InceptionV4) {
  for (const int64_t resolution : {224, 321}) {
    Compare(InceptionV4(resolution), {{"Conv2d_2b_3x3", 11, 2, 2},
                                      {"Mixed_3a", 15, 4, 2},
                                      {"Mixed_4a", 47, 4, 14},
                                      {"Mixed_5a", 55, 8, 14},
                                      {"Mixed_5b", 87, 8, 30},
                                      {"Mixed_5e", 183, 8, 78},
                                      {"Mixed_6a", 215, 16, 86},
                                      {"Mixed_6b", 407, 16, 182},
                                      {"Mixed_6h", 1559, 16, 758},
                                      {"Mixed_7a", 1687, 32, 806},
                                      {"Mixed_7b", 1815, 32, 870},
                                      {"Mixed_7d", 2071, 32, 998}});
  }
}

}  // namespace
}  // namespace tensord::analysis::model
