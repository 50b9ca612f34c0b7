#include "client/cli/model_file/builder.h"

#include "absl/strings/str_cat.h"

namespace tensord::cli::model_file {
namespace {

// What a size, a number or the name of an input costs beside its own bytes.
constexpr size_t kEntryBytes = 16;

}  // namespace

void Builder::CountStep() {
  if (++steps_ > kMaxNodes) fits_ = false;
}

void Builder::CountBytes(size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > kMaxBytes) fits_ = false;
}

std::string Builder::UniqueName(absl::string_view name) {
  CountBytes(name.size());
  if (!fits_) return std::string(name);
  std::string unique(name);
  for (int i = 2; !names_.insert(unique).second; ++i) unique = absl::StrCat(name, "_", i);
  return unique;
}

std::string Builder::AddParameter(absl::string_view name, const std::vector<int64_t>& shape) {
  CountBytes(kEntryBytes * shape.size());
  std::string unique = UniqueName(name);
  if (!fits_) return unique;
  v1::ModelParameter& parameter = *model_.add_parameters();
  parameter.set_name(unique);
  for (const int64_t size : shape) {
    v1::Dimension& dimension = *parameter.add_shape();
    if (size != kOpenSize) dimension.set_value(size);
  }
  return unique;
}

std::string Builder::AddIntegers(absl::string_view name, const std::vector<int64_t>& values) {
  CountBytes(kEntryBytes * values.size());
  std::string unique = UniqueName(name);
  if (!fits_) return unique;
  v1::ModelParameter& parameter = *model_.add_parameters();
  parameter.set_name(unique);
  parameter.add_shape()->set_value(static_cast<int64_t>(values.size()));
  parameter.mutable_integers()->mutable_values()->Add(values.begin(), values.end());
  return unique;
}

std::string Builder::AddReal(absl::string_view name, double value) {
  v1::ModelNode& node = AddNode(name, "Constant", {});
  SetReal(node, "value_float", value);
  return node.outputs(0);
}

std::string Builder::AddReals(absl::string_view name, const std::vector<double>& values) {
  v1::ModelNode& node = AddNode(name, "Constant", {});
  (*node.mutable_attributes())["value_floats"].mutable_reals()->mutable_values()->Add(values.begin(), values.end());
  return node.outputs(0);
}

v1::ModelNode& Builder::AddNode(absl::string_view name, absl::string_view op, const std::vector<std::string>& inputs) {
  CountStep();
  for (const std::string& input : inputs) CountBytes(input.size() + kEntryBytes);
  const std::string output = UniqueName(name);
  if (!fits_) spare_.Clear();
  v1::ModelNode& node = fits_ ? *model_.add_nodes() : spare_;
  node.set_name(std::string(name));
  node.set_operator_(std::string(op));
  for (const std::string& input : inputs) node.add_inputs(input);
  node.add_outputs(output);
  return node;
}

void SetIntegers(v1::ModelNode& node, const std::string& name, const std::vector<int64_t>& values) {
  (*node.mutable_attributes())[name].mutable_integers()->mutable_values()->Add(values.begin(), values.end());
}

void SetInteger(v1::ModelNode& node, const std::string& name, int64_t value) {
  (*node.mutable_attributes())[name].set_integer(value);
}

void SetReal(v1::ModelNode& node, const std::string& name, double value) {
  (*node.mutable_attributes())[name].set_real(value);
}

void SetText(v1::ModelNode& node, const std::string& name, absl::string_view value) {
  (*node.mutable_attributes())[name].set_text(std::string(value));
}

}  // namespace tensord::cli::model_file
