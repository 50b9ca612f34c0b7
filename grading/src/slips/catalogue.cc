#include <utility>

#include "grading/src/slips/slip.h"
#include "tensord/grading/grader.h"

namespace tensord::grading {
namespace {

// Slips that only show in an answer itself; the catalogue has the others.
constexpr std::pair<const char*, const char*> kOwnSlips[] = {
    {"indices-from-one", "counted the indices from 1 instead of from 0"},
    {"indices-from-zero", "counted the indices from 0 instead of from 1"},
    {"indices-exchanged", "wrote the column before the row"},
    {"limits-from-one", "counted from 1 instead of from 0"},
    {"limits-one-too-far", "went one too far: the last index is the size less 1"},
    {"axes-permuted", "has the right sizes in another order"},
    {"other-axis-reduced", "reduced another axis"},
    {"axis-not-reduced", "did not reduce the axis"},
    {"other-axis-in-formula", "applied the formula to another axis' size"},
    {"sum-forgotten", "left out a sum"},
    {"unknown-index", "has an index that the problem does not have"},
    {"unknown-tensor", "has a tensor that the problem does not have"},
    {"summed-twice", "sums twice over one index"},
    {"summed-over-free-index", "sums over an index of the result"},
    {"needless-sum", "sums over an index that does not occur"},
    {"number-of-indices", "gives a tensor too few or too many indices"},
    {"derivative-not-given", "uses a derivative that is not given"},
    {"other-target", "answers for another tensor"},
    {"reads-outside", "reads a tensor outside its shape"},
};

}  // namespace

const std::vector<Slip>& Catalogue() {
  static const std::vector<Slip>* const catalogue = [] {
    auto* const all = new std::vector<Slip>;
    for (const absl::Span<const Slip> family :
         {GeometrySlips(), PoolingSlips(), DataSlips(), GradientSlips(), LayerSlips(), ValueSlips()}) {
      all->insert(all->end(), family.begin(), family.end());
    }
    return all;
  }();
  return *catalogue;
}

const Slip* FindSlip(absl::string_view id) {
  for (const Slip& slip : Catalogue()) {
    if (slip.id == id) return &slip;
  }
  return nullptr;
}

std::vector<SlipDescription> AllSlips() {
  std::vector<SlipDescription> all;
  for (const Slip& slip : Catalogue()) all.push_back({std::string(slip.id), std::string(slip.text)});
  for (const auto& [id, text] : kOwnSlips) all.push_back({id, text});
  return all;
}

}  // namespace tensord::grading
