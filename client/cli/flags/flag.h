// Declaring flags, and asking whether they were given.
#ifndef TENSORD_CLI_FLAGS_FLAG_H_
#define TENSORD_CLI_FLAGS_FLAG_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tensord::cli {

// A flag that takes one value.
class Flag {
 public:
  // Adds `name` (`--stride`) to `app`. `placeholder` stands for the value in help texts.
  CLI::Option* Declare(CLI::App& app, const std::string& name, const std::string& placeholder,
                       const std::string& help) {
    name_ = name;
    option_ = app.add_option(name, value_, help)->type_name(placeholder);
    return option_;
  }

  [[nodiscard]] bool given() const { return option_ != nullptr && option_->count() > 0; }
  [[nodiscard]] const std::string& value() const { return value_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::string value_;
  CLI::Option* option_ = nullptr;
};

// Checks that a flag's value is one of `choices`, and lets help texts and completion show them.
[[nodiscard]] CLI::Validator OneOf(const std::vector<std::string>& choices);

// The choices that OneOf, or `a|b|c` as a placeholder, declared for an option; else none.
[[nodiscard]] std::vector<std::string> ChoicesOf(const CLI::Option& option);

// An error that names the flags of `required` that were not given.
[[nodiscard]] absl::Status RequireFlags(const std::vector<const Flag*>& required);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_FLAGS_FLAG_H_
