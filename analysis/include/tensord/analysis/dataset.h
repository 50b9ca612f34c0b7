// The shape, element count and bytes of a data set, from its named axes.
#ifndef TENSORD_ANALYSIS_DATASET_H_
#define TENSORD_ANALYSIS_DATASET_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/analysis/count.h"
#include "tensord/analysis/dimension.h"
#include "tensord/compute/data_type.h"
#include "tensord/compute/violations.h"

namespace tensord::analysis {

// One axis of a data set.
struct DatasetAxis {
  std::string name;  // a letter, then letters, digits, '_' or '-', at most 64 characters
  Dimension size;    // at least 1
};

// What the axes come to.
struct DatasetDescription {
  std::vector<Count> shape;
  std::vector<std::string> axes;  // the names, in the shape's order
  Count element_count;            // the product of the sizes
  Count byte_count;               // element_count times the item size
  compute::DataType data_type;
  std::vector<Formula> formulas;  // of shape[i], element_count and byte_count, in the axes' names and item_size
};

// Describes a data set with those axes, outermost first, whose elements have the type `type`.
//
// Errors:   everything that is wrong is added to `violations`, and then nothing is returned: no axes or more than 8
//           (`field`), a bad or repeated name ("axes[2].name" for the field "axes"), a size below 1 or a bad symbol
//           ("axes[2].size"), a count beyond 128 bits (`field`).
// Threads:  no shared state.
[[nodiscard]] std::optional<DatasetDescription> DescribeDataset(const std::vector<DatasetAxis>& axes,
                                                                compute::DataType type, absl::string_view field,
                                                                compute::Violations& violations);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_DATASET_H_
