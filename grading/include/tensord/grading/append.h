// Adding to a message's repeated field where there may be no memory.
#ifndef TENSORD_GRADING_APPEND_H_
#define TENSORD_GRADING_APPEND_H_

#include "google/protobuf/repeated_ptr_field.h"

namespace tensord::grading {

// Adds an element and returns it. protobuf 3.21's own Add makes the element first, and loses it where the field cannot
// grow then; here the field grows first. Its add_name(text) leaves an element that was never made. Here std::bad_alloc
// changes nothing.
template <typename T>
T& Append(google::protobuf::RepeatedPtrField<T>& field) {
  field.Reserve(field.size() + 1);
  return *field.Add();
}

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_APPEND_H_
