#include "server/services/services.h"

#include "server/rpc/call.h"
#include "server/services/analysis_service.h"
#include "server/services/grading_service.h"
#include "server/services/server_service.h"
#include "server/services/tensor_service.h"

namespace tensord::server {

struct Services::State {
  explicit State(const ServiceDependencies& dependencies) : environment(dependencies) {
    owned.push_back(MakeTensorService(&environment));
    owned.push_back(MakeAnalysisService(&environment));
    owned.push_back(MakeGradingService(&environment));
    owned.push_back(MakeServerService(&environment));
    for (const std::unique_ptr<grpc::Service>& service : owned) all.push_back(service.get());
  }

  CallEnvironment environment;
  std::vector<std::unique_ptr<grpc::Service>> owned;
  std::vector<grpc::Service*> all;
};

Services::Services(const ServiceDependencies& dependencies) : state_(std::make_unique<State>(dependencies)) {}

Services::~Services() = default;

const std::vector<grpc::Service*>& Services::all() const { return state_->all; }

void Services::SetClientLimits(const ClientLimits& limits) { state_->environment.clients().SetLimits(limits); }

void Services::BeginDrain() { state_->environment.BeginDrain(); }

void Services::CancelAll() { state_->environment.CancelAll(); }

}  // namespace tensord::server
