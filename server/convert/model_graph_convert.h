// A network that came as a message.
#ifndef TENSORD_SERVER_CONVERT_MODEL_GRAPH_CONVERT_H_
#define TENSORD_SERVER_CONVERT_MODEL_GRAPH_CONVERT_H_

#include <cstdint>

#include "server/convert/request_errors.h"
#include "tensord/analysis/graph.h"
#include "tensord/v1/model_graph.pb.h"

namespace tensord::server {

// The opset whose operators a message has.
inline constexpr int64_t kModelGraphOpset = 17;

// The graph of a message. Integers of a parameter without a shape are a vector; without outputs, those tensors are it
// that nodes compute and none takes.
//
// Errors:  violations named by field ("graph.nodes[3].attributes[\"pads\"]"), MODEL_TOO_LARGE beyond the bounds of
//          graph.h; the graph is empty then, and nothing was made. Whether names are given and shapes agree is the
//          analysis' to say.
// Cost:    linear in the message.
[[nodiscard]] analysis::Graph DecodeModelGraph(const v1::Model& model, RequestErrors& errors);

// How many bytes the objects of that graph take, at most; 0 where it has too many nodes, and none will be made.
[[nodiscard]] int64_t ModelGraphBytes(const v1::Model& model);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_MODEL_GRAPH_CONVERT_H_
