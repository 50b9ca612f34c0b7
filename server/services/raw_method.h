// How a service's methods are tied to their Prepare functions.
#ifndef TENSORD_SERVER_SERVICES_RAW_METHOD_H_
#define TENSORD_SERVER_SERVICES_RAW_METHOD_H_

#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include "google/protobuf/descriptor.h"
#include "server/rpc/message_call.h"

namespace tensord::server {

// A generated service whose unary methods are served as streams of one message each way, which looks the same on the
// wire: a call begins with its headers, before its message is read (docs/adr/0009). Messages stay bytes.
//
// `Generated`: e.g. v1::TensorService, with `Generated::Service` as gRPC's plugin makes it.
template <typename Generated>
class RawService : public Generated::Service {
 protected:
  // Serves a method by `prepare`. `name`: "tensord.v1.TensorService/Convolve", of static lifetime; the part after the
  // slash is a method of the service. Call in the constructor.
  template <typename Request, typename Response>
  void Serve(CallEnvironment* environment, const google::protobuf::ServiceDescriptor& service, const char* name,
             typename MessageCall<Request, Response>::PrepareFunction prepare) {
    const auto make_handler = [=] {
      return new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [=](grpc::CallbackServerContext* context) -> grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* {
            auto* call = new MessageCall<Request, Response>(environment, context, name, prepare);
            call->Start();
            return call;
          });
    };
    const std::string full_name(name);
    const int index = service.FindMethodByName(full_name.substr(full_name.rfind('/') + 1))->index();
    // The first makes it a stream, the second a callback method of bytes; each takes a handler.
    this->MarkMethodStreamed(index, make_handler());
    this->MarkMethodRawCallback(index, make_handler());
  }
};

}  // namespace tensord::server

// TENSORD_SERVE(TensorService, Pool): serves the rpc Pool by PreparePool. In the constructor of a class that derives
// from RawService<v1::TensorService> and has a CallEnvironment* environment.
#define TENSORD_SERVE(ServiceName, Rpc)                                                                            \
  this->template Serve<v1::Rpc##Request, v1::Rpc##Response>(                                                       \
      environment, *v1::Rpc##Request::descriptor()->file()->pool()->FindServiceByName("tensord.v1." #ServiceName), \
      "tensord.v1." #ServiceName "/" #Rpc, &Prepare##Rpc)

#endif  // TENSORD_SERVER_SERVICES_RAW_METHOD_H_
