// What is wrong with an assignment, for its author.
#ifndef TENSORD_CLI_GRADING_FAULTS_H_
#define TENSORD_CLI_GRADING_FAULTS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "client/cli/message_file/field_lines.h"
#include "client/cli/style.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::cli {

// A line for each fault, `assignment.yaml:12: questions[2].parts[0].of[0] (3a): ...`, and one that counts them.
[[nodiscard]] std::string FaultsText(const std::string& file, const message_file::FieldLines& lines,
                                     const google::protobuf::RepeatedPtrField<v1::AssignmentFault>& faults,
                                     const Style& style);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_GRADING_FAULTS_H_
