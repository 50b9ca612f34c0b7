#include "server/service_names.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "tensord/v1/analysis_service.grpc.pb.h"
#include "tensord/v1/analysis_service.pb.h"
#include "tensord/v1/grading_service.grpc.pb.h"
#include "tensord/v1/grading_service.pb.h"
#include "tensord/v1/server_service.grpc.pb.h"
#include "tensord/v1/server_service.pb.h"
#include "tensord/v1/tensor_service.grpc.pb.h"
#include "tensord/v1/tensor_service.pb.h"

namespace tensord::server {
namespace {

// The protos of the services hold no message, so that nothing else in the program refers to their descriptors, and the
// linker would leave them out of it: reflection would list services that it cannot describe.
[[gnu::used]] const void* const kLinkedDescriptors[] = {
    &::descriptor_table_tensord_2fv1_2fanalysis_5fservice_2eproto,
    &::descriptor_table_tensord_2fv1_2fgrading_5fservice_2eproto,
    &::descriptor_table_tensord_2fv1_2fserver_5fservice_2eproto,
    &::descriptor_table_tensord_2fv1_2ftensor_5fservice_2eproto,
};

}  // namespace

std::vector<std::string> ServiceNames() {
  return {v1::TensorService::service_full_name(), v1::AnalysisService::service_full_name(),
          v1::GradingService::service_full_name(), v1::ServerService::service_full_name()};
}

std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const std::string& service_name : ServiceNames()) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service_name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      names.push_back(absl::StrCat(service_name, "/", service->method(i)->name()));
    }
  }
  return names;
}

}  // namespace tensord::server
