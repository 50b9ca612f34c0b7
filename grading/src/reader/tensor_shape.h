// The shape of nested lists, found while they are read.
#ifndef TENSORD_GRADING_SRC_READER_TENSOR_SHAPE_H_
#define TENSORD_GRADING_SRC_READER_TENSOR_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tensord::grading::internal {

// Told of every bracket and element in their order. A function that returns false tells that the lists differ in length
// or are nested too deep; problem() says how.
class ShapeBuilder {
 public:
  explicit ShapeBuilder(size_t max_depth) : max_depth_(max_depth) {}

  [[nodiscard]] bool Open();
  [[nodiscard]] bool Put();
  // A row ends within a list, as MATLAB's do at ;: the list is one of rows.
  [[nodiscard]] bool EndRow();
  [[nodiscard]] bool Close();
  // `count` outermost lists stand beside each other: they are rows of one.
  void CloseRows(size_t count) { sizes_.insert(sizes_.begin(), static_cast<int64_t>(count)); }

  [[nodiscard]] const std::vector<int64_t>& shape() const { return sizes_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  static constexpr int64_t kUnknown = -1;
  struct Frame {
    int64_t count = 0;      // of elements or lists inside, in this row
    int64_t rows = 0;       // that ended at ;
    bool elements = false;  // there are elements directly inside
    bool lists = false;
  };

  [[nodiscard]] bool Settle(size_t level, int64_t count);
  [[nodiscard]] bool SettleDepth(size_t depth);

  const size_t max_depth_;
  std::vector<Frame> open_;
  std::vector<int64_t> sizes_;  // by level, from the outermost
  int64_t depth_ = kUnknown;    // of the elements
  std::string problem_;
};

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_TENSOR_SHAPE_H_
