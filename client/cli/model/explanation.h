// A layer's numbers, derived step by step, as people read them.
#ifndef TENSORD_CLI_MODEL_EXPLANATION_H_
#define TENSORD_CLI_MODEL_EXPLANATION_H_

#include <nlohmann/json.hpp>
#include <string>

#include "client/cli/style.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// layer, operator, steps; of each step quantity, general, substituted, value, meaning.
[[nodiscard]] nlohmann::ordered_json ExplanationJson(const v1::Explanation& explanation);

// `H_out = floor(H/2) + 1 = floor(48/2) + 1 = 25  length along axis 2`, broken before a sign of equality where it is
// longer than `width`.
[[nodiscard]] std::string ExplanationText(const v1::Explanation& explanation, size_t width, const Style& style);
// A table, with the formulas as code.
[[nodiscard]] std::string ExplanationMarkdown(const v1::Explanation& explanation);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_EXPLANATION_H_
