// What is made once for the whole process, made at its start.
#ifndef TENSORD_SERVER_RPC_WARM_UP_H_
#define TENSORD_SERVER_RPC_WARM_UP_H_

namespace tensord::server {

// Has protobuf make its descriptors of every request, answer and detail of a refusal. It does so on first use, holding
// a lock that it never gives back where memory runs out meanwhile (3.21): all later calls would wait for ever. To be
// called before the server listens; calling it again does nothing.
void WarmUp();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_WARM_UP_H_
