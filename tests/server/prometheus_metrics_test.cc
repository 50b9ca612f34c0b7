#include "server/metrics/prometheus_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "server/in_flight.h"
#include "server/service_names.h"
#include "tests/server/http_get.h"
#include "tests/support/matchers.h"

namespace tensord::server {
namespace {

using test_support::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::HttpGet;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPool[] = "tensord.v1.TensorService/Pool";

class PrometheusMetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto metrics = PrometheusMetrics::Start("127.0.0.1:0", MethodNames(), "1.2.3", &log_);
    ASSERT_TRUE(metrics.ok()) << metrics.status();
    metrics_ = *std::move(metrics);
  }
  [[nodiscard]] std::string Scrape() const { return HttpGet(metrics_->address(), "/metrics"); }

  NullLog log_;
  std::unique_ptr<PrometheusMetrics> metrics_;
};

TEST_F(PrometheusMetricsTest, AnswersOnThePortThatItNames) {
  EXPECT_THAT(Scrape(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Scrape(), HasSubstr("\ntensord_build_info{version=\"1.2.3\"} 1"));
  EXPECT_THAT(HttpGet(metrics_->address(), "/other"), StartsWith("HTTP/1.1 404"));
}

TEST_F(PrometheusMetricsTest, CountsACall) {
  metrics_->CallStarted(kPool);
  EXPECT_THAT(Scrape(), HasSubstr("tensord_rpc_in_flight{method=\"tensord.v1.TensorService/Pool\"} 1\n"));
  metrics_->CallFinished(kPool, grpc::StatusCode::INVALID_ARGUMENT, std::chrono::microseconds(300), 1000, 20);
  const std::string text = Scrape();
  EXPECT_THAT(text, HasSubstr("tensord_rpc_in_flight{method=\"tensord.v1.TensorService/Pool\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tensord_rpc_requests_total{code=\"INVALID_ARGUMENT\","
                              "method=\"tensord.v1.TensorService/Pool\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tensord_rpc_requests_total{code=\"OK\",method=\"tensord.v1.TensorService/Pool\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tensord_rpc_received_bytes_total{method=\"tensord.v1.TensorService/Pool\"} 1000\n"));
  EXPECT_THAT(text, HasSubstr("tensord_rpc_sent_bytes_total{method=\"tensord.v1.TensorService/Pool\"} 20\n"));
  EXPECT_THAT(text, HasSubstr("method=\"tensord.v1.TensorService/Pool\",le=\"0.00025\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("method=\"tensord.v1.TensorService/Pool\",le=\"0.0005\"} 1\n"));
}

TEST_F(PrometheusMetricsTest, UnknownMethodsMakeNoSeries) {
  const std::string before = Scrape();
  for (int i = 0; i < 1000; ++i) {
    const std::string method = "evil\"\n" + std::to_string(i);
    metrics_->CallStarted(method);
    metrics_->CallFinished(method, static_cast<grpc::StatusCode>(i), {}, 0, 0);
  }
  const std::string after = Scrape();
  EXPECT_THAT(after, Not(HasSubstr("evil")));
  EXPECT_THAT(after, HasSubstr("tensord_rpc_duration_seconds_count{method=\"other\"} 1000\n"));
  EXPECT_EQ(std::count(after.begin(), after.end(), '\n'), std::count(before.begin(), before.end(), '\n'));
  EXPECT_LT(after.size(), 200U << 10);
}

TEST_F(PrometheusMetricsTest, CountsWhatIsNoMethods) {
  metrics_->CallRefused("QUOTA");
  metrics_->CallRefused("invented by a client");
  metrics_->Set(Gauge::kWorkers, 3);
  metrics_->Change(Gauge::kQueueLength, 2);
  metrics_->Change(Gauge::kQueueLength, -1);
  metrics_->Add(Counter::kMultiplications, 1e6);
  metrics_->QueueWaited(std::chrono::milliseconds(2));
  metrics_->ReloadFinished(Reloadable::kTls, false);
  metrics_->ReloadFinished(Reloadable::kTokens, false);
  metrics_->ReloadFinished(Reloadable::kTokens, true);
  const std::string text = Scrape();
  for (const char* line :
       {"tensord_refusals_total{reason=\"QUOTA\"} 1\n", "tensord_refusals_total{reason=\"INTERNAL\"} 1\n",
        "tensord_workers 3\n", "tensord_queue_length 1\n", "tensord_multiplications_total 1000000\n",
        "tensord_queue_wait_seconds_bucket{le=\"0.0025\"} 1\n", "tensord_queue_wait_seconds_bucket{le=\"0.001\"} 0\n",
        "tensord_reloads_total{result=\"failed\",what=\"tls\"} 1\n", "tensord_reload_failing{what=\"tls\"} 1\n",
        "tensord_reload_failing{what=\"tokens\"} 0\n", "tensord_log_lines_dropped_total 0\n"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n") + line));
  }
}

// The families and their types, a line each, sorted.
std::string FamiliesOf(const std::string& page) {
  std::set<std::string> families;
  std::istringstream stream(page);
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("# TYPE ", 0) == 0) families.insert(line.substr(7));
  }
  std::string text;
  for (const std::string& family : families) text += family + "\n";
  return text;
}

// The same, of the rows of docs/metrics.md.
std::string DocumentedFamilies() {
  std::ifstream stream(TENSORD_METRICS_PAGE);
  std::set<std::string> families;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string bar;
    std::string name;
    std::string type;
    if (words >> bar >> name >> bar >> type && line.rfind("| ", 0) == 0 && name != "metric") {
      families.insert(name + " " + type);
    }
  }
  std::string text;
  for (const std::string& family : families) text += family + "\n";
  return text;
}

TEST_F(PrometheusMetricsTest, ThePageListsEveryMetricAndNoOther) {
  std::string page = Scrape();
  page.erase(std::remove(page.begin(), page.end(), '\r'), page.end());
  EXPECT_THAT(FamiliesOf(page), HasSubstr("tensord_queue_wait_seconds histogram\n"));
  EXPECT_EQ(FamiliesOf(page), DocumentedFamilies());
}

TEST_F(PrometheusMetricsTest, KnowsItsProcess) {
  const std::string text = Scrape();
  const auto value = [&](const std::string& name) {
    const size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  };
  EXPECT_GT(value("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(value("process_threads"), 1);
  EXPECT_GT(value("process_open_fds"), 3);
  EXPECT_GT(value("process_max_fds"), value("process_open_fds"));
  EXPECT_GE(value("process_cpu_seconds_total"), 0);
  const double now = static_cast<double>(std::time(nullptr));
  EXPECT_NEAR(value("process_start_time_seconds"), now, 600);
}

TEST_F(PrometheusMetricsTest, TakenPortIsAnErrorThatNamesIt) {
  EXPECT_THAT(PrometheusMetrics::Start(metrics_->address(), {}, "1", &log_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "metrics-listen: " + metrics_->address() + " cannot be listened on: Address already in use"));
}

TEST(MethodNamesTest, HasEveryMethodOfEveryService) {
  EXPECT_THAT(MethodNames(), Contains("tensord.v1.TensorService/ConvolveBackward"));
  EXPECT_THAT(MethodNames(), Contains("tensord.v1.AnalysisService/AnalyzeLayer"));
  EXPECT_THAT(MethodNames(), Contains("tensord.v1.ServerService/GetServerInfo"));
}

TEST(InFlightMetricsTest, WaitsForTheLastCall) {
  NoopMetrics inner;
  InFlightMetrics metrics(&inner);
  const auto past = std::chrono::steady_clock::now();
  EXPECT_TRUE(metrics.WaitForNone(past));
  metrics.CallStarted("a");
  metrics.CallStarted("b");
  metrics.CallFinished("a", grpc::StatusCode::OK, {}, 0, 0);
  EXPECT_FALSE(metrics.WaitForNone(past));
  metrics.CallFinished("b", grpc::StatusCode::OK, {}, 0, 0);
  EXPECT_TRUE(metrics.WaitForNone(past));
}

}  // namespace
}  // namespace tensord::server
