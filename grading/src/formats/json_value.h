// JSON as the reports write it: members in their order, numbers as people write them.
#ifndef TENSORD_GRADING_FORMATS_JSON_VALUE_H_
#define TENSORD_GRADING_FORMATS_JSON_VALUE_H_

#include <string>

#include "nlohmann/json.hpp"

namespace tensord::grading::formats {

using Json = nlohmann::ordered_json;

// A whole number as an integer, others as they are; null for what is no number.
Json NumberJson(double number);

// As text on one line, or with `indent` spaces a level. Bytes that are no UTF-8 become U+FFFD.
std::string JsonText(const Json& json, int indent = -1);

}  // namespace tensord::grading::formats

#endif  // TENSORD_GRADING_FORMATS_JSON_VALUE_H_
