// How a service's methods are tied to their Prepare functions.
#ifndef TENSORD_SERVER_SERVICES_RAW_METHOD_H_
#define TENSORD_SERVER_SERVICES_RAW_METHOD_H_

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include "google/protobuf/descriptor.h"
#include "server/rpc/call.h"
#include "server/rpc/operation_stream.h"
#include "server/rpc/typed_message.h"

namespace tensord::server {

// A generated service whose methods are served as streams of bytes: the unary ones have one message each way, which
// looks the same on the wire: a call begins with its headers, before its message is read (docs/adr/0009). Messages stay
// bytes.
//
// `Generated`: e.g. v1::TensorService, with `Generated::Service` as gRPC's plugin makes it.
template <typename Generated>
class RawService : public Generated::Service {
 protected:
  // Serves a method by `prepare`. `name`: "tensord.v1.TensorService/Convolve", of static lifetime; the part after the
  // slash is a method of the service. Call in the constructor.
  template <typename Request, typename Response>
  void Serve(CallEnvironment* environment, const google::protobuf::ServiceDescriptor& service, const char* name,
             typename TypedMessage<Request, Response>::PrepareFunction prepare) {
    this->Mark(service, name, [=](grpc::CallbackServerContext* context) -> Reactor* {
      auto* call = new Call(environment, context, name, std::make_unique<TypedMessage<Request, Response>>(prepare));
      call->Start();
      return call;
    });
  }

  // Serves a method that is a stream both ways by `make_message`; `name` as above.
  void ServeStream(CallEnvironment* environment, const google::protobuf::ServiceDescriptor& service, const char* name,
                   const OperationStream::MakeMessage& make_message) {
    this->Mark(service, name, [=](grpc::CallbackServerContext* context) -> Reactor* {
      auto* call = new OperationStream(environment, context, name, make_message);
      call->Start();
      return call;
    });
  }

 private:
  using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

  template <typename MakeReactor>
  void Mark(const google::protobuf::ServiceDescriptor& service, const char* name, const MakeReactor& make_reactor) {
    const auto make_handler = [&] {
      return new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(make_reactor);
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

// TENSORD_SERVE_STREAM(TensorService, StreamCompute, &MakeStreamMessage): as above, for a method that is a stream.
#define TENSORD_SERVE_STREAM(ServiceName, Rpc, make_message)                                                        \
  this->ServeStream(environment,                                                                                    \
                    *v1::Rpc##Request::descriptor()->file()->pool()->FindServiceByName("tensord.v1." #ServiceName), \
                    "tensord.v1." #ServiceName "/" #Rpc, make_message)

#endif  // TENSORD_SERVER_SERVICES_RAW_METHOD_H_
