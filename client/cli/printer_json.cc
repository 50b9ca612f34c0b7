#include <sstream>
#include <string>

#include "client/cli/elements.h"
#include "client/cli/io/json_tensor.h"
#include "client/cli/printer.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 are replaced, not thrown about.
std::string Dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

absl::StatusOr<std::string> TensorJson(const v1::Tensor& tensor) {
  TENSORCTL_ASSIGN_OR_RETURN(const Elements elements, Elements::Of(tensor));
  Json head;
  head["type"] = TypeName(tensor.data_type());
  head["shape"] = elements.shape();
  if (tensor.has_axes()) head["layout"] = tensor.axes();
  std::string text = Dump(head);
  // The values go in as they are: the library's own form of a float is not the shortest.
  text.back() = ',';
  return text + "\"values\":" + JsonLists(elements) + "}";
}

class JsonPrinter : public Printer {
 public:
  explicit JsonPrinter(std::ostream& out) : out_(out) {}

  absl::Status Print(const Report& report) override {
    std::ostringstream text;
    text << "{\"schema_version\":1";
    for (const NamedTensor& named : report.tensors) {
      TENSORCTL_ASSIGN_OR_RETURN(const std::string tensor, TensorJson(named.tensor));
      text << ',' << Dump(named.name) << ':' << tensor;
    }
    for (const NamedBounds& named : report.bounds) {
      TENSORCTL_ASSIGN_OR_RETURN(const std::string computed, TensorJson(named.bounds.computed()));
      TENSORCTL_ASSIGN_OR_RETURN(const std::string any_order, TensorJson(named.bounds.any_order()));
      text << ',' << Dump(named.name) << ":{\"computed\":" << computed << ",\"any_order\":" << any_order << '}';
    }
    for (const NamedValue& named : report.values) text << ',' << Dump(named.name) << ':' << Dump(named.value);
    out_ << text.str() << "}\n";
    return absl::OkStatus();
  }

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<Printer> MakeJsonPrinter(std::ostream& out) { return std::make_unique<JsonPrinter>(out); }

}  // namespace tensord::cli
