#include "server/rpc/warm_up.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <chrono>

#include "server/convert/status_convert.h"
#include "server/service_names.h"

namespace tensord::server {
namespace {

void Describe(const google::protobuf::Descriptor& type) {
  static_cast<void>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->GetReflection());
}

// A refusal with details of every kind.
absl::Status AnyRefusal() {
  compute::Violations violations;
  violations.Add("field", "was nothing");
  return WithRetry(InvalidRequest(violations), std::chrono::milliseconds(1));
}

}  // namespace

void WarmUp() {
  const google::protobuf::DescriptorPool& pool = *google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : ServiceNames()) {
    const google::protobuf::ServiceDescriptor& service = *pool.FindServiceByName(name);
    for (int i = 0; i < service.method_count(); ++i) {
      Describe(*service.method(i)->input_type());
      Describe(*service.method(i)->output_type());
    }
  }
  static_cast<void>(ToGrpcStatus(AnyRefusal()));
}

}  // namespace tensord::server
