#include "client/cli/model/match.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tensord::cli {
namespace {

using Model = v1::AnalyzeModelResponse;

// Where each name is; -1 for one that is there more than once.
absl::flat_hash_map<absl::string_view, int> PlacesOf(const Model& model) {
  absl::flat_hash_map<absl::string_view, int> places;
  for (int i = 0; i < model.layers_size(); ++i) {
    const auto [place, is_new] = places.try_emplace(model.layers(i).name(), i);
    if (!is_new) place->second = -1;
  }
  return places;
}

absl::string_view LastPart(const std::string& name) {
  const size_t slash = name.find_last_of("/.");
  return slash == std::string::npos ? absl::string_view(name) : absl::string_view(name).substr(slash + 1);
}

// How well two layers fit: 0 not at all.
int Fit(const v1::ModelLayer& a, const v1::ModelLayer& b) {
  if (a.operator_() != b.operator_()) return 0;
  return LastPart(a.name()) == LastPart(b.name()) ? 3 : 2;
}

// Layers of each model that have no counterpart yet, and lie between the same two that have one.
struct Gap {
  std::vector<int> a;
  std::vector<int> b;
};

class Matcher {
 public:
  Matcher(const Model& a, const Model& b) : a_(a), b_(b), match_(static_cast<size_t>(b.layers_size()), -1) {}

  std::vector<int> Match() {
    MatchNames();
    for (const Gap& gap : Gaps()) {
      const auto pairs = static_cast<int64_t>(gap.a.size()) * static_cast<int64_t>(gap.b.size());
      if (pairs <= left_) {
        left_ -= pairs;
        MatchSequence(gap);
      } else {
        MatchInOrder(gap);
      }
    }
    return match_;
  }

 private:
  int& CounterpartOf(int b) { return match_[static_cast<size_t>(b)]; }

  void MatchNames() {
    const auto places_in_a = PlacesOf(a_);
    for (const auto& [name, b] : PlacesOf(b_)) {
      const auto place = places_in_a.find(name);
      if (b >= 0 && place != places_in_a.end()) CounterpartOf(b) = place->second;
    }
  }

  // What is matched, and as far in `b` as in `a`, divides the rest into gaps.
  std::vector<Gap> Gaps() const {
    std::vector<bool> is_matched(static_cast<size_t>(a_.layers_size()), false);
    for (const int a : match_) {
      if (a >= 0) is_matched[static_cast<size_t>(a)] = true;
    }
    std::vector<Gap> gaps;
    Gap gap;
    int next = 0;
    const auto take = [&](int end) {
      for (; next < end; ++next) {
        if (!is_matched[static_cast<size_t>(next)]) gap.a.push_back(next);
      }
    };
    for (int b = 0; b < b_.layers_size(); ++b) {
      const int a = match_[static_cast<size_t>(b)];
      if (a < 0) gap.b.push_back(b);
      if (a < next) continue;
      take(a);
      next = a + 1;
      gaps.push_back(std::move(gap));
      gap = {};
    }
    take(a_.layers_size());
    gaps.push_back(std::move(gap));
    return gaps;
  }

  int FitOf(const Gap& gap, size_t i, size_t k) const { return Fit(a_.layers(gap.a[i]), b_.layers(gap.b[k])); }

  // The best sum of fits from layers i and k on, for all of them, then the way that makes it.
  void MatchSequence(const Gap& gap) {
    const size_t width = gap.b.size() + 1;
    std::vector<int> best((gap.a.size() + 1) * width, 0);
    for (size_t i = gap.a.size(); i-- > 0;) {
      for (size_t k = gap.b.size(); k-- > 0;) {
        const int fit = FitOf(gap, i, k);
        const int both = fit == 0 ? 0 : fit + best[(i + 1) * width + k + 1];
        best[i * width + k] = std::max({both, best[(i + 1) * width + k], best[i * width + k + 1]});
      }
    }
    for (size_t i = 0, k = 0; i < gap.a.size() && k < gap.b.size();) {
      const int fit = FitOf(gap, i, k);
      const int here = best[i * width + k];
      if (fit > 0 && here == fit + best[(i + 1) * width + k + 1]) {
        CounterpartOf(gap.b[k++]) = gap.a[i++];
      } else if (here == best[(i + 1) * width + k]) {
        ++i;
      } else {
        ++k;
      }
    }
  }

  void MatchInOrder(const Gap& gap) {
    absl::flat_hash_map<absl::string_view, std::vector<int>> waiting;
    for (auto a = gap.a.rbegin(); a != gap.a.rend(); ++a) waiting[a_.layers(*a).operator_()].push_back(*a);
    for (const int b : gap.b) {
      std::vector<int>& candidates = waiting[b_.layers(b).operator_()];
      if (candidates.empty()) continue;
      CounterpartOf(b) = candidates.back();
      candidates.pop_back();
    }
  }

  const Model& a_;
  const Model& b_;
  std::vector<int> match_;
  int64_t left_ = kMaxComparedPairs;
};

}  // namespace

std::vector<int> MatchLayers(const Model& a, const Model& b) { return Matcher(a, b).Match(); }

}  // namespace tensord::cli
