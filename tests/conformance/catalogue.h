// Which of ONNX's operator tests are about tensord's operators.
#ifndef TENSORD_TESTS_CONFORMANCE_CATALOGUE_H_
#define TENSORD_TESTS_CONFORMANCE_CATALOGUE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tensord::conformance {

struct Entry {
  std::string name;           // the two folders, e.g. "node/test_relu"
  std::string folder;         // where it is
  std::string operator_name;  // ONNX's; "?" where the model cannot be read: that fails when the case runs
};

struct Catalogue {
  std::vector<Entry> entries;           // by name
  std::map<std::string, int> excluded;  // why, and how many
};

// Every folder GROUP/NAME below `root` with a model.onnx, or with a data set that has lost it.
//
// Errors: kNotFound - there is none.
[[nodiscard]] absl::StatusOr<Catalogue> ReadCatalogue(const std::string& root);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_CATALOGUE_H_
