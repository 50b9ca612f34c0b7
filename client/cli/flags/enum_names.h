// The names of a proto enum's values as people type and read them.
#ifndef TENSORD_CLI_FLAGS_ENUM_NAMES_H_
#define TENSORD_CLI_FLAGS_ENUM_NAMES_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::cli {

// `same_upper` for PADDING_MODE_SAME_UPPER: lower case, without the enum's own name.
[[nodiscard]] std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

// Every value but the unspecified one, as `same-upper`, in the order of their numbers.
[[nodiscard]] std::vector<std::string> FlagNames(const google::protobuf::EnumDescriptor& type);

// The number of the value that `text` names, by either form of the name. Errors name the choices, and the nearest.
[[nodiscard]] absl::StatusOr<int> ParseEnum(const std::string& flag, absl::string_view text,
                                            const google::protobuf::EnumDescriptor& type);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_ENUM_NAMES_H_
