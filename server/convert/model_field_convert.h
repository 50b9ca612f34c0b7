// Receptive fields as messages.
#ifndef TENSORD_SERVER_CONVERT_MODEL_FIELD_CONVERT_H_
#define TENSORD_SERVER_CONVERT_MODEL_FIELD_CONVERT_H_

#include <string>
#include <vector>

#include "tensord/analysis/model.h"
#include "tensord/v1/model.pb.h"

namespace tensord::server {

// The layer's fields in the model's data inputs, of which these are the names, as they are printed.
void EncodeReceptiveFields(const std::vector<std::string>& inputs, const analysis::ModelLayer& layer,
                           v1::ModelLayer& message);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_MODEL_FIELD_CONVERT_H_
