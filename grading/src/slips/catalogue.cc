#include "grading/src/slips/slip.h"

namespace tensord::grading {

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

}  // namespace tensord::grading
