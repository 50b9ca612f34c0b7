// What a verdict is about, so that it can be checked and replayed.
#ifndef TENSORD_SERVER_CONVERT_RECEIPT_H_
#define TENSORD_SERVER_CONVERT_RECEIPT_H_

#include <string>

#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::server {

// SHA-256, in hexadecimal, over the assignment, the submission and the verdict without its sha256 and signature: each
// as its deterministic encoding (fields by number, maps by key), preceded by its length in 8 bytes, little-endian.
// docs/grading/receipts.md has the format.
[[nodiscard]] std::string ReceiptHash(const v1::Assignment& assignment, const v1::Submission& submission,
                                      const v1::GradedSubmission& graded);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_RECEIPT_H_
