#include "server/rpc/warm_up.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <set>
#include <string>

#include "server/convert/status_convert.h"
#include "server/service_names.h"

namespace tensord::server {
namespace {

using google::protobuf::Descriptor;

// The type, and those of all messages that it may have in it.
void Describe(const Descriptor& type, std::set<const Descriptor*>& described) {
  if (!described.insert(&type).second) return;
  static_cast<void>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->GetReflection());
  for (int i = 0; i < type.field_count(); ++i) {
    if (const Descriptor* part = type.field(i)->message_type()) Describe(*part, described);
  }
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
  std::set<const Descriptor*> described;
  for (const std::string& name : ServiceNames()) {
    const google::protobuf::ServiceDescriptor& service = *pool.FindServiceByName(name);
    for (int i = 0; i < service.method_count(); ++i) {
      Describe(*service.method(i)->input_type(), described);
      Describe(*service.method(i)->output_type(), described);
    }
  }
  static_cast<void>(ToGrpcStatus(AnyRefusal()));
}

}  // namespace tensord::server
