// The names that a formula may use.
#ifndef TENSORD_GRADING_SRC_FORMULA_NAMES_H_
#define TENSORD_GRADING_SRC_FORMULA_NAMES_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tensord::grading::formula {

// Keys are as CanonicalName(). A name may be a tensor's where values stand, and an index's or a size's where indices
// do.
struct Names {
  std::string objective;                    // "J"
  std::map<std::string, size_t> tensors;    // aliases included
  std::map<std::string, size_t> gradients;  // from a tensor's name to the derivative by it, a tensor too
  std::vector<std::string> shown;           // a tensor's own name
  std::vector<size_t> ranks;                // a tensor's number of indices
  std::set<std::string> indices;
  std::set<std::string> symbols;

  [[nodiscard]] std::optional<size_t> Tensor(const std::string& name) const {
    const auto found = tensors.find(name);
    return found == tensors.end() ? std::nullopt : std::optional<size_t>(found->second);
  }
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_NAMES_H_
