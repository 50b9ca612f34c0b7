// The daemon's program, from its start to its exit code.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tensord/v1/server_service.grpc.pb.h"
#include "tensord/v1/tensor_service.grpc.pb.h"
#include "tests/server/certificates.h"
#include "tests/server/daemon_process.h"
#include "tests/server/http_get.h"
#include "tests/server/rpc_helpers.h"
#include "tests/support/temporary_directory.h"

namespace tensord::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::AskReflection;
using testing::CallServerInfo;
using testing::Certificates;
using testing::CheckHealth;
using testing::Connect;
using testing::DaemonProcess;
using ::testing::HasSubstr;
using testing::HttpGet;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TemporaryDirectory;
using Texts = std::vector<std::string>;

// On free ports, with more flags.
Texts Flags(const Texts& more = {}) {
  Texts flags = {"--listen", "127.0.0.1:0", "--metrics-listen", "off", "--threads", "1"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

// A stream of health, which tells its first answer on construction.
class Watch {
 public:
  explicit Watch(const std::string& address) : stub_(grpc::health::v1::Health::NewStub(Connect(address))) {
    testing::SetGenerousDeadline(context_);
    reader_ = stub_->Watch(&context_, HealthCheckRequest());
  }
  ~Watch() {
    context_.TryCancel();
    reader_->Finish();
  }
  // The next status, or UNKNOWN at the stream's end.
  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse response;
    return reader_->Read(&response) ? response.status() : HealthCheckResponse::UNKNOWN;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

TEST(DaemonTest, ServesTcpAndUnixSocketAndEndsWithZeroAfterSigterm) {
  const TemporaryDirectory folder;
  const std::string socket = "unix:" + folder.path("a.sock");
  DaemonProcess daemon(Flags({"--listen", socket}));
  const std::string address = daemon.WaitForAddress("listening");
  EXPECT_EQ(daemon.WaitForAddress("listening"), socket);
  EXPECT_EQ(daemon.WaitForEvent("ready")["addresses"], address + "," + socket);
  for (const std::string& each : {address, socket}) {
    const auto channel = Connect(each);
    EXPECT_EQ(CheckHealth(channel), HealthCheckResponse::SERVING) << each;
    EXPECT_EQ(CheckHealth(channel, "tensord.v1.TensorService"), HealthCheckResponse::SERVING) << each;
    EXPECT_TRUE(CallServerInfo(channel).ok()) << each;
    EXPECT_THAT(AskReflection(channel, testing::ListServicesRequest()), HasSubstr("tensord.v1.TensorService")) << each;
  }
  Watch tcp(address);
  Watch unix_socket(socket);
  EXPECT_EQ(tcp.Next(), HealthCheckResponse::SERVING);
  EXPECT_EQ(unix_socket.Next(), HealthCheckResponse::SERVING);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(tcp.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(unix_socket.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(daemon.WaitForExit(), 0) << daemon.errors();
  EXPECT_THAT(daemon.errors(), HasSubstr("\"event\":\"drain_finished\",\"all_calls_finished\":true"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("a.sock")));
}

// A call that computes for longer than any test takes: some 4e11 multiplications.
class LongCall {
 public:
  explicit LongCall(const std::string& address)
      : result_(std::async(std::launch::async, [this, channel = Connect(address)] {
          testing::SetGenerousDeadline(context_);
          v1::ConvolveRequest request;
          Fill({256, 256, 64}, *request.mutable_input());
          Fill({63, 63, 64, 16}, *request.mutable_filter());
          v1::ConvolveResponse response;
          return v1::TensorService::NewStub(channel)->Convolve(&context_, request, &response);
        })) {}
  ~LongCall() { context_.TryCancel(); }

  grpc::Status Result() { return result_.get(); }

  // Waits until the daemon's metrics count it.
  static void WaitUntilRunning(const std::string& metrics) {
    const std::string line = "tensord_rpc_in_flight{method=\"tensord.v1.TensorService/Convolve\"} 1\n";
    while (HttpGet(metrics, "/metrics").find(line) == std::string::npos) std::this_thread::yield();
  }

 private:
  static void Fill(const std::vector<int64_t>& shape, v1::Tensor& tensor) {
    tensor.set_data_type(v1::DATA_TYPE_FLOAT32);
    size_t size_bytes = sizeof(float);
    for (const int64_t size : shape) {
      tensor.add_shape(size);
      size_bytes *= static_cast<size_t>(size);
    }
    tensor.set_data(std::string(size_bytes, '\0'));
  }

  grpc::ClientContext context_;
  std::future<grpc::Status> result_;
};

Texts FlagsWithMetrics(const std::string& drain_timeout) {
  return {"--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--drain-timeout", drain_timeout};
}

TEST(DaemonTest, CallPastTheDrainTimeoutIsCancelledAndTheExitCodeIsZero) {
  DaemonProcess daemon(FlagsWithMetrics("100ms"));
  const std::string metrics = daemon.WaitForAddress("metrics_listening");
  LongCall call(daemon.WaitForAddress("listening"));
  LongCall::WaitUntilRunning(metrics);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.WaitForEvent("drain_finished")["all_calls_finished"], false);
  EXPECT_EQ(daemon.WaitForExit(), 0) << daemon.errors();
  EXPECT_FALSE(call.Result().ok());
}

TEST(DaemonTest, SecondSignalEndsItAtOnceWithExitCodeOne) {
  DaemonProcess daemon(FlagsWithMetrics("1h"));
  const std::string metrics = daemon.WaitForAddress("metrics_listening");
  LongCall call(daemon.WaitForAddress("listening"));
  LongCall::WaitUntilRunning(metrics);
  daemon.Signal(SIGTERM);
  EXPECT_TRUE(daemon.WaitForEvent("drain_started").is_object());
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.WaitForExit(), 1) << daemon.errors();
  EXPECT_THAT(daemon.errors(), HasSubstr("forced_exit"));
  EXPECT_THAT(daemon.errors(), Not(HasSubstr("drain_finished")));
}

TEST(DaemonTest, MessageOverTheLimitIsRefusedAndTheNextIsServed) {
  DaemonProcess daemon(Flags({"--max-message-bytes", "4KiB"}));
  const auto stub = v1::TensorService::NewStub(Connect(daemon.WaitForAddress("listening")));
  const auto activate = [&](int64_t count) {
    grpc::ClientContext context;
    testing::SetGenerousDeadline(context);
    v1::ActivateResponse response;
    return stub->Activate(&context, testing::ReluOfZeros(count), &response).error_code();
  };
  EXPECT_EQ(activate(1250), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(activate(1), grpc::StatusCode::OK);
}

TEST(DaemonTest, ServesOnForTheDrainDelayWithHealthAtNotServing) {
  DaemonProcess daemon(Flags({"--drain-delay", "1h"}));
  const std::string address = daemon.WaitForAddress("listening");
  Watch watch(address);
  EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_TRUE(CallServerInfo(Connect(address)).ok()) << "new connections are served too";
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.WaitForExit(), 1);
}

TEST(DaemonTest, SigintDrainsToo) {
  DaemonProcess daemon(Flags());
  daemon.WaitForEvent("ready");
  daemon.Signal(SIGINT);
  EXPECT_EQ(daemon.WaitForExit(), 0) << daemon.errors();
}

TEST(DaemonTest, EveryLineOnStandardErrorIsJson) {
  DaemonProcess daemon(Flags());
  daemon.WaitForEvent("ready");
  daemon.Signal(SIGTERM);
  EXPECT_TRUE(daemon.WaitForEvent("drain_finished").is_object());
  EXPECT_EQ(daemon.WaitForExit(), 0);
  EXPECT_EQ(daemon.output(), "");
}

TEST(DaemonTest, PeersThatVanishDoNotEndIt) {
  DaemonProcess daemon(Flags());
  daemon.WaitForEvent("ready");
  daemon.Signal(SIGPIPE);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.WaitForExit(), 0);
}

TEST(DaemonTest, TakenPortIsExitCodeOneWithItsName) {
  DaemonProcess first(Flags());
  const std::string address = first.WaitForAddress("listening");
  DaemonProcess second({"--listen", address, "--metrics-listen", "off"});
  EXPECT_EQ(second.WaitForExit(), 1);
  EXPECT_THAT(second.errors(), HasSubstr("\"event\":\"start_failed\""));
  EXPECT_THAT(second.errors(), HasSubstr(address + " cannot be listened on: Address already in use"));
}

TEST(DaemonTest, TakenMetricsPortIsExitCodeOneWithItsName) {
  DaemonProcess first({"--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"});
  const std::string address = first.WaitForAddress("metrics_listening");
  DaemonProcess second({"--listen", "127.0.0.1:0", "--metrics-listen", address});
  EXPECT_EQ(second.WaitForExit(), 1);
  EXPECT_THAT(second.errors(), HasSubstr("metrics-listen: " + address + " cannot be listened on: Address already"));
}

TEST(DaemonTest, BadSettingsAreExitCodeTwoAndAllListed) {
  DaemonProcess daemon({"--threads", "0", "--nonsense"}, {{"TENSORD_QUEUE", "many"}});
  EXPECT_EQ(daemon.WaitForExit(), 2);
  for (const char* text : {"3 problems", "threads (flag", "--nonsense", "queue (environment TENSORD_QUEUE)"}) {
    EXPECT_THAT(daemon.errors(), HasSubstr(text));
  }
}

TEST(DaemonTest, PrintConfigAndVersionAndHelpAreExitCodeZero) {
  DaemonProcess print({"--print-config"}, {{"TENSORD_QUEUE", "9"}});
  EXPECT_EQ(print.WaitForExit(), 0);
  EXPECT_THAT(print.output(), HasSubstr("queue: 9  # environment"));
  DaemonProcess version({"--version"});
  EXPECT_EQ(version.WaitForExit(), 0);
  EXPECT_THAT(version.output(), StartsWith("tensord "));
  DaemonProcess help({"--help"});
  EXPECT_EQ(help.WaitForExit(), 0);
  EXPECT_THAT(help.output(), HasSubstr("--drain-timeout"));
}

TEST(DaemonTest, MetricsAreServedOnTheLoggedPort) {
  DaemonProcess daemon({"--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"});
  const std::string metrics = daemon.WaitForAddress("metrics_listening");
  const std::string address = daemon.WaitForAddress("listening");
  EXPECT_TRUE(CallServerInfo(Connect(address)).ok());
  const std::string text = HttpGet(metrics, "/metrics");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(text, HasSubstr("tensord_build_info{version="));
  EXPECT_THAT(text, HasSubstr("tensord_rpc_in_flight{method=\"tensord.v1.TensorService/Convolve\"} 0"));
}

TEST(DaemonTest, WarnsOfUnknownVariablesAndOpenListeners) {
  DaemonProcess daemon({"--listen", "0.0.0.0:0", "--metrics-listen", "off"}, {{"TENSORD_TREADS", "2"}});
  EXPECT_EQ(daemon.WaitForEvent("unknown_variable")["name"], "TENSORD_TREADS");
  EXPECT_EQ(daemon.WaitForEvent("warning")["message"], "other machines can reach 0.0.0.0:0, and there is no TLS");
  EXPECT_TRUE(daemon.WaitForEvent("ready").is_object());
}

TEST(DaemonTest, LocalListenersAreNoWarning) {
  DaemonProcess daemon(Flags());
  daemon.WaitForEvent("ready");
  EXPECT_THAT(daemon.errors(), Not(HasSubstr("warning")));
}

TEST(DaemonTest, ServesMutualTls) {
  const Certificates certificates;
  DaemonProcess daemon(Flags({"--tls-certificate", certificates.path("server.pem"), "--tls-key",
                              certificates.path("server.key"), "--tls-client-ca", certificates.path("authority.pem")}));
  const std::string address = daemon.WaitForAddress("listening");
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = certificates.text("authority.pem");
  EXPECT_EQ(CheckHealth(Connect(address, grpc::SslCredentials(options))), HealthCheckResponse::UNKNOWN);
  options.pem_cert_chain = certificates.text("client.pem");
  options.pem_private_key = certificates.text("client.key");
  EXPECT_EQ(CheckHealth(Connect(address, grpc::SslCredentials(options))), HealthCheckResponse::SERVING);
}

TEST(DaemonTest, KeyOfAnotherCertificateIsExitCodeOne) {
  const Certificates certificates;
  DaemonProcess daemon(
      Flags({"--tls-certificate", certificates.path("server.pem"), "--tls-key", certificates.path("other.key")}));
  EXPECT_EQ(daemon.WaitForExit(), 1);
  EXPECT_THAT(daemon.errors(), HasSubstr("tls-key"));
}

// Calls GetServerInfo with a token, over a connection of its own.
grpc::Status CallWithToken(const std::string& address, const std::string& token) {
  const auto stub = v1::ServerService::NewStub(Connect(address));
  grpc::ClientContext context;
  testing::SetGenerousDeadline(context);
  context.AddMetadata("authorization", "Bearer " + token);
  v1::GetServerInfoResponse response;
  return stub->GetServerInfo(&context, {}, &response);
}

// printf %s secret | sha256sum, and of "other".
constexpr char kSecretHash[] = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
constexpr char kOtherHash[] = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";

TEST(DaemonTest, SighupReadsTokensAndSettingsAnew) {
  const TemporaryDirectory folder;
  const std::string tokens = folder.Write("tokens", std::string(kSecretHash) + " grader\n");
  const std::string config = folder.Write("tensord.yaml", "auth-tokens: " + tokens + "\nauth-without-tls: \"on\"\n");
  DaemonProcess daemon(Flags({"--config", config, "--reload-interval", "0"}));
  const std::string address = daemon.WaitForAddress("listening");
  EXPECT_TRUE(CallWithToken(address, "secret").ok());
  EXPECT_EQ(CallWithToken(address, "other").error_code(), grpc::StatusCode::UNAUTHENTICATED);

  folder.Write("tokens", std::string(kOtherHash) + " grader\n");
  folder.Write("tensord.yaml",
               "auth-tokens: " + tokens + "\nauth-without-tls: \"on\"\nclient-calls-per-second: 1\nqueue: 99\n");
  daemon.Signal(SIGHUP);
  EXPECT_EQ(daemon.WaitForEvent("reloaded")["what"], "tokens");
  EXPECT_EQ(daemon.WaitForEvent("restart_needed")["setting"], "queue");
  EXPECT_EQ(daemon.WaitForEvent("reloaded")["what"], "settings");
  EXPECT_EQ(CallWithToken(address, "secret").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(CallWithToken(address, "other").ok());
  EXPECT_EQ(CallWithToken(address, "other").error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);

  folder.Write("tokens", "nothing of use\n");
  folder.Write("tensord.yaml", "quueue: 5\n");
  daemon.Signal(SIGHUP);
  EXPECT_THAT(daemon.WaitForEvent("reload_failed")["message"], HasSubstr("line 1: expected"));
  EXPECT_THAT(daemon.WaitForEvent("reload_failed")["message"], HasSubstr("quueue"));
  EXPECT_EQ(CallWithToken(address, "secret").error_code(), grpc::StatusCode::UNAUTHENTICATED)
      << "still the second table";
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.WaitForExit(), 0);
  EXPECT_THAT(daemon.errors(), Not(HasSubstr("secret"))) << "no token in the log";
}

TEST(DaemonTest, CertificatesAreTakenIntoUseWhenTheyChange) {
  const Certificates certificates;
  const std::string certificate = certificates.Write("now.pem", certificates.text("server.pem"));
  const std::string key = certificates.Write("now.key", certificates.text("server.key"));
  DaemonProcess daemon({"--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--tls-certificate", certificate,
                        "--tls-key", key, "--reload-interval", "20ms"});
  const std::string metrics = daemon.WaitForAddress("metrics_listening");
  const std::string address = daemon.WaitForAddress("listening");
  certificates.Write("now.key", certificates.text("second.key"));
  EXPECT_THAT(daemon.WaitForEvent("reload_failed")["message"], HasSubstr("is not the private key"));
  EXPECT_THAT(HttpGet(metrics, "/metrics"), HasSubstr("tensord_reload_failing{what=\"tls\"} 1"));
  certificates.Write("now.pem", certificates.text("second.pem"));
  EXPECT_EQ(daemon.WaitForEvent("reloaded")["what"], "tls");
  EXPECT_THAT(HttpGet(metrics, "/metrics"), HasSubstr("tensord_reload_failing{what=\"tls\"} 0"));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = certificates.text("second.pem");
  EXPECT_EQ(CheckHealth(Connect(address, grpc::SslCredentials(options))), HealthCheckResponse::SERVING);
}

// What tensorctl prints, with its exit code as the last line.
// Under the address sanitizer without its search for leaks: where the process ends while gRPC, on a thread of its own,
// still takes a TLS connection apart, OpenSSL's part of it counts as one. tests/client/cli searches, without TLS.
std::string Tensorctl(const std::string& arguments) {
  const std::string command = "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" " + std::string(TENSORCTL_PROGRAM) + " " +
                              arguments + " 2>&1; echo \"exit $?\"";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string text;
  for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe.get())) != EOF;) text.push_back(static_cast<char>(c));
  return text;
}

TEST(DaemonTest, TensorctlGetsTheSameBytesOverMutualTlsWithAToken) {
  const Certificates certificates;
  const std::string tokens = certificates.Write("tokens", std::string(kSecretHash) + " staff\n");
  DaemonProcess daemon(
      Flags({"--tls-certificate", certificates.path("server.pem"), "--tls-key", certificates.path("server.key"),
             "--tls-client-ca", certificates.path("authority.pem"), "--auth-tokens", tokens}));
  const std::string address = daemon.WaitForAddress("listening");
  const std::string server = "--server " + address + " --tls-ca " + certificates.path("authority.pem");
  const std::string mutual = server + " --tls-certificate " + certificates.path("client.pem") + " --tls-key " +
                             certificates.path("client.key");
  const std::string token = " --token-file " + certificates.Write("token", "secret\n");
  const std::string command = " convolve --input '[[1,2],[3,4]]' --filter '[[1,0],[0,1]]' --format json";
  EXPECT_THAT(Tensorctl(command), HasSubstr("\"values\":[[5]]"));
  EXPECT_EQ(Tensorctl(mutual + token + command), Tensorctl(command));
  EXPECT_THAT(Tensorctl(mutual + token + " info"), HasSubstr("state.in_flight_count"));
  EXPECT_THAT(Tensorctl(mutual + " health"), HasSubstr("exit 0")) << "a probe needs no token";
  const std::string none = Tensorctl(mutual + command);
  EXPECT_THAT(none, HasSubstr("bearer token"));
  EXPECT_THAT(none, HasSubstr("exit 1"));
  const std::string wrong = " --token-file " + certificates.Write("wrong", "guess");
  EXPECT_THAT(Tensorctl(mutual + wrong + command), HasSubstr("exit 1"));
  EXPECT_THAT(Tensorctl(server + token + " --deadline 5s" + command), HasSubstr("exit 1")) << "no certificate";
  EXPECT_THAT(Tensorctl(mutual + " --token-file /nowhere" + command), HasSubstr("exit 2"));
}

}  // namespace
}  // namespace tensord::server
