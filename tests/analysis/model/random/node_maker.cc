// Nodes without windows.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/random/graph_maker.h"

namespace tensord::analysis::random_graphs {

void GraphMaker::AddGemm() {
  const bool a_transposed = OneIn(6);
  const bool b_transposed = OneIn(2);
  const int64_t rows = shape()[a_transposed ? shape().size() - 1 : 0];
  const int64_t depth = (shape()[a_transposed ? 0 : shape().size() - 1]) + (OneIn(20) ? 1 : 0);
  const int64_t columns = Draw(1, 5);
  Push("Gemm", {input_, Weight(b_transposed ? Sizes{columns, depth} : Sizes{depth, columns})});
  std::map<std::string, AttributeValue>& attributes = node().attributes;
  if (a_transposed) attributes["transA"] = int64_t{1};
  if (b_transposed || OneIn(4)) attributes["transB"] = int64_t{b_transposed ? 1 : 0};
  if (OneIn(4)) attributes["alpha"] = OneIn(2) ? 1.0 : 0.5;
  if (OneIn(4)) attributes["beta"] = OneIn(2) ? 1.0 : 0.25;
  if (OneIn(3)) return;
  const std::vector<Sizes> shapes = {{columns}, {1},           {1, columns}, {rows, columns},
                                     {rows, 1}, {columns + 1}, {2, rows, 1}};
  const int64_t last = OneIn(12) ? 6 : 4;
  node().inputs.push_back(Weight(shapes[static_cast<size_t>(Draw(0, last))]));
}

void GraphMaker::AddMatMul() {
  const size_t rank = shape().size();
  const int64_t depth = shape()[rank - 1] + (OneIn(20) ? 1 : 0);
  Sizes other = {depth, Draw(1, 4)};
  if (OneIn(6)) other.pop_back();
  if (other.size() == 2 && rank > 2 && OneIn(4)) other.insert(other.begin(), OneIn(2) ? 1 : shape()[rank - 3]);
  if (other.size() == 2 && rank == 2 && OneIn(6)) other.insert(other.begin(), Draw(1, 3));
  if (other.size() == 3 && OneIn(20)) ++other[0];
  Push("MatMul", {input_, Weight(other, Kind::kParameter, false)});
}

void GraphMaker::AddPrelu() {
  const size_t rank = shape().size();
  Sizes slopes(shape().end() - Draw(1, static_cast<int64_t>(rank)), shape().end());
  for (int64_t& size : slopes) size = OneIn(2) ? 1 : size;
  if (OneIn(15)) ++slopes[0];
  if (OneIn(15)) slopes.insert(slopes.begin(), rank + 1 - slopes.size(), 1);
  Push("PRelu", {input_, Weight(slopes)});
}

void GraphMaker::AddSoftmax(const std::string& op) {
  Push(op, {input_});
  const auto rank = static_cast<int64_t>(shape().size());
  if (!OneIn(3)) node().attributes["axis"] = Draw(Rarely() ? -rank - 1 : -rank, OneIn(20) ? rank : rank - 1);
}

void GraphMaker::AddArithmetic(const std::string& op) {
  if (OneIn(2)) return Push(op, {input_, Partner()});
  Sizes other(shape().end() - Draw(0, static_cast<int64_t>(shape().size())), shape().end());
  if (other.empty()) other.push_back(1);
  for (int64_t& size : other) size = OneIn(3) ? 1 : size;
  if (OneIn(12)) ++other[0];
  const std::string weight = Weight(other, Kind::kParameter, false);
  Push(op, OneIn(2) ? std::vector<std::string>{input_, weight} : std::vector<std::string>{weight, input_});
}

void GraphMaker::AddConcat() {
  std::vector<std::string> inputs = {input_};
  for (int64_t i = Draw(OneIn(6) ? 0 : 1, 2); i > 0; --i) {
    const std::string other = Partner();
    inputs.push_back(OneIn(3) || made_.values.at(other).shape != shape() ? input_ : other);
    if (OneIn(12)) inputs.back() = other;
  }
  Push("Concat", std::move(inputs));
  const auto rank = static_cast<int64_t>(shape().size());
  node().attributes["axis"] = OneIn(2) ? 1 : Draw(-rank, Rarely() ? rank : rank - 1);
}

void GraphMaker::AddFlatten() {
  Push("Flatten", {input_});
  const auto rank = static_cast<int64_t>(shape().size());
  if (OneIn(2)) node().attributes["axis"] = Draw(OneIn(20) ? -rank - 1 : -rank, OneIn(20) ? rank + 1 : rank);
}

void GraphMaker::AddReshape() {
  Sizes told;
  if (OneIn(3)) {
    told = OneIn(2) ? Sizes{0, -1} : Sizes{0, 0, -1};
  } else if (OneIn(3)) {
    told = {shape()[0], -1, OneIn(3) ? Draw(1, 4) : shape()[shape().size() - 1]};
  } else {
    // Its own sizes, two of them joined or one of them split off.
    told = shape();
    const auto at = static_cast<size_t>(Draw(0, static_cast<int64_t>(told.size()) - 1));
    if (at + 1 < told.size() && OneIn(2)) {
      told[at] *= told[at + 1];
      told.erase(told.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    } else if (told.size() < 5) {
      told.insert(told.begin() + static_cast<std::ptrdiff_t>(at), 1);
      if (told[at + 1] % 2 == 0) {
        told[at] = 2;
        told[at + 1] /= 2;
      }
    }
    if (OneIn(3)) told[static_cast<size_t>(Draw(0, static_cast<int64_t>(told.size()) - 1))] = -1;
  }
  if (OneIn(15)) told[told.size() - 1] = Draw(-2, 5);
  Push("Reshape", {input_, Integers(told)});
}

void GraphMaker::AddTranspose() {
  Push("Transpose", {input_});
  if (OneIn(6)) return;
  Sizes perm(shape().size());
  for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
  // The batch stays where it is, most of the time.
  for (size_t i = perm.size() - 1; i > 1; --i) {
    std::swap(perm[i], perm[static_cast<size_t>(Draw(OneIn(6) ? 0 : 1, static_cast<int64_t>(i)))]);
  }
  if (OneIn(20)) perm[0] = perm[perm.size() - 1];
  if (Rarely()) perm.pop_back();
  node().attributes["perm"] = perm;
}

void GraphMaker::AddBatchNormalization() {
  const int64_t channels = shape().size() < 2 ? 1 : shape()[1];
  Push("BatchNormalization", {input_});
  for (int i = 0; i < 4; ++i) {
    const int64_t count = channels + (OneIn(60) ? 1 : 0);
    const std::string weight = Weight({count}, i < 2 ? Kind::kParameter : Kind::kBuffer);
    node().inputs.push_back(weight);
  }
}

void GraphMaker::AddPad() {
  Sizes pads(2 * shape().size(), 0);
  for (size_t i = OneIn(10) ? 0 : 1; i < shape().size(); ++i) {
    pads[i] = Draw(OneIn(6) ? -2 : 0, 2);
    pads[shape().size() + i] = Draw(OneIn(6) ? -1 : 0, 2);
  }
  if (Rarely()) pads.pop_back();
  Push("Pad", {input_, Integers(pads)});
}

void GraphMaker::AddSlice() {
  const auto rank = static_cast<int64_t>(shape().size());
  const int64_t axis = Draw(Rarely() ? -rank - 1 : -rank, rank - 1);
  const int64_t resolved = axis < 0 ? axis + rank : axis;
  const int64_t size = resolved < 0 ? 1 : shape()[static_cast<size_t>(resolved)];
  int64_t start = Draw(-size - 1, size);
  int64_t end = OneIn(2) ? int64_t{1} << 40 : Draw(-size - 1, size + 1);
  int64_t step = OneIn(2) ? 1 : Draw(-2, 3);
  if (step < 0 && end == int64_t{1} << 40) end = -end;
  if (step == 0 && !OneIn(4)) step = 1;
  const std::string starts = Integers({start});
  Push("Slice", {input_, starts, Integers({end}), Integers({axis}), Integers({step})});
}

}  // namespace tensord::analysis::random_graphs
