// What every convention is under every profile.
#ifndef TENSORD_CLI_CONVENTIONS_TABLE_H_
#define TENSORD_CLI_CONVENTIONS_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/server.pb.h"

namespace tensord::cli {

struct ProfileColumn {
  std::string name;   // as flags and JSON have it: `default`, `pytorch`
  std::string title;  // as people read it: `default`, `PYTORCH`
};

struct ConventionRow {
  std::string name;                 // `length_rule`
  std::string meaning;              // in a few words; empty for a convention that a newer server has
  std::vector<std::string> values;  // one per column; empty where the server tells none

  [[nodiscard]] bool differs(size_t column) const { return values[column] != values[0]; }
  // Whether any two columns differ.
  [[nodiscard]] bool differs() const;
};

struct ConventionTable {
  std::vector<ProfileColumn> columns;  // the default first
  std::vector<ConventionRow> rows;     // in the server's order
};

// The default's column and those of `profiles`, all of them where that is empty, in the server's order. A profile that
// this program has no name for is left out. Errors: the server tells no default, or not one of `profiles`.
[[nodiscard]] absl::StatusOr<ConventionTable> MakeConventionTable(const v1::GetServerInfoResponse& info,
                                                                  const std::vector<v1::ConventionProfile>& profiles);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_CONVENTIONS_TABLE_H_
