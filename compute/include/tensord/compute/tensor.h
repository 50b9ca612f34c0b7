// Tensors: one that owns its memory, and a view of somebody else's.
#ifndef TENSORD_COMPUTE_TENSOR_H_
#define TENSORD_COMPUTE_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "tensord/compute/data_type.h"
#include "tensord/compute/shape.h"

namespace tensord::compute {

// Bytes to which the data of a Tensor is aligned.
inline constexpr size_t kTensorAlignment = 64;

// A dense, row-major tensor in somebody else's memory, which must outlive the view. `data` is aligned to the item size.
struct TensorView {
  DataType type = DataType::kFloat32;
  Shape shape;
  const void* data = nullptr;

  template <typename T>
  [[nodiscard]] const T* As() const {
    return static_cast<const T*>(data);
  }
};

// A dense, row-major tensor that owns its memory, of the process' BufferPool where it is large. Movable; its data stays
// where it is.
class Tensor {
 public:
  Tensor() = default;

  // A tensor whose elements are not set yet. kResourceExhausted where the size overflows or memory is short.
  [[nodiscard]] static absl::StatusOr<Tensor> Allocate(DataType type, const Shape& shape);
  // A tensor of zeros. As Allocate.
  [[nodiscard]] static absl::StatusOr<Tensor> Zeros(DataType type, const Shape& shape);

  [[nodiscard]] DataType type() const { return type_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] int64_t element_count() const { return size_bytes_ / ItemSize(type_); }
  [[nodiscard]] int64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] const void* data() const { return data_.get(); }
  [[nodiscard]] void* data() { return data_.get(); }
  // The elements; T has to be the C++ type of type().
  template <typename T>
  [[nodiscard]] T* As() {
    return static_cast<T*>(data_.get());
  }
  template <typename T>
  [[nodiscard]] const T* As() const {
    return static_cast<const T*>(data_.get());
  }
  // Has the elements count as those of another type of the same size: their bits stay.
  void Reinterpret(DataType type) { type_ = type; }
  [[nodiscard]] TensorView view() const { return {.type = type_, .shape = shape_, .data = data_.get()}; }

 private:
  // Frees memory, or gives a buffer back to the BufferPool.
  struct Free {
    constexpr Free() : capacity(0) {}
    constexpr explicit Free(size_t pooled_capacity) : capacity(pooled_capacity) {}
    void operator()(void* memory) const;

    size_t capacity;  // of the pool's buffer; 0: it is none
  };

  DataType type_ = DataType::kFloat32;
  Shape shape_;
  int64_t size_bytes_ = 0;
  std::unique_ptr<void, Free> data_;
};

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_TENSOR_H_
