// How a service method is tied to its Prepare function.
#ifndef TENSORD_SERVER_SERVICES_RAW_METHOD_H_
#define TENSORD_SERVER_SERVICES_RAW_METHOD_H_

#include <grpcpp/support/server_callback.h>

#include "server/rpc/message_call.h"

// TENSORD_RAW_METHOD(TensorService, Pool) overrides the raw callback method Pool: its calls are decoded, checked by
// PreparePool and run. For a class with a member environment_.
#define TENSORD_RAW_METHOD(Service, Rpc)                                                               \
  grpc::ServerUnaryReactor* Rpc(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request, \
                                grpc::ByteBuffer* response) override {                                 \
    auto* call = new MessageCall<v1::Rpc##Request, v1::Rpc##Response>(                                 \
        environment_, context, "tensord.v1." #Service "/" #Rpc, request, response, &Prepare##Rpc);     \
    call->Start();                                                                                     \
    return call;                                                                                       \
  }

#endif  // TENSORD_SERVER_SERVICES_RAW_METHOD_H_
