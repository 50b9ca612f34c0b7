// What is wrong with a network that came as a message.
#ifndef TENSORD_SERVER_CONVERT_MODEL_GRAPH_CHECK_H_
#define TENSORD_SERVER_CONVERT_MODEL_GRAPH_CHECK_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/convert/request_errors.h"
#include "tensord/analysis/graph.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/model_graph.pb.h"

namespace tensord::server {

// Adds everything that is wrong, but for what only the analysis can tell. Allocates nothing in proportion to what a
// message claims, and for names in proportion to those that are there.
void CheckModelGraph(const v1::Model& model, RequestErrors& errors);

// "float32"; nothing where no type is called so.
[[nodiscard]] std::optional<analysis::ElementType> FindElementType(absl::string_view name);

// A number, a symbol, or the empty symbol where neither is given.
[[nodiscard]] analysis::Dimension DecodeModelDimension(const v1::Dimension& dimension);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_MODEL_GRAPH_CHECK_H_
