#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/config_resolve.h"
#include "server/config_table.h"
#include "server/version.h"
#include "tests/support/temporary_directory.h"

namespace tensord::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TemporaryDirectory;
using Texts = std::vector<std::string>;

// For each setting three values, all legal together with the defaults of everything else.
struct Sample {
  const char* name;
  const char* flag;
  const char* environment;
  const char* file;
};
constexpr Sample kSamples[] = {
    {"listen", "127.0.0.1:1", "unix:/run/t.sock", "[::1]:3"},
    {"metrics-listen", "127.0.0.1:2", "off", "0.0.0.0:4"},
    {"tls-certificate", "", "", ""},  // these three are looked at apart: they come together
    {"tls-key", "", "", ""},
    {"tls-client-ca", "", "", ""},
    {"auth-tokens", "", "", ""},  // comes with TLS, or insistence
    {"auth-without-tls", "on", "off", "on"},
    {"threads", "5", "6", "7"},
    {"queue", "50", "0", "70"},
    {"max-message-bytes", "300000000", "400000000", "500000000"},
    {"max-tensor-bytes", "50", "60", "70"},
    {"max-multiplications", "50", "60", "9223372036854775807"},
    {"memory-budget-bytes", "50", "60", "70"},
    {"multiplication-budget", "2199023255552", "9223372036854775807", "3298534883328"},
    {"transport-quota-bytes", "1048576", "2097152", "9223372036854775807"},
    {"client-calls-in-flight", "1", "0", "9223372036854775807"},
    {"client-calls-per-second", "1", "0", "9223372036854775807"},
    {"client-multiplications-per-second", "1", "0", "9223372036854775807"},
    {"default-deadline", "500ms", "6s", "7min"},
    {"drain-delay", "1ms", "6s", "1h"},
    {"drain-timeout", "0s", "6s", "1h"},
    {"connection-age", "100ms", "2s", "3h"},
    {"connection-age-grace", "0s", "2s", "3h"},
    {"connection-idle", "100ms", "2s", "3h"},
    {"reload-interval", "0s", "1s", "2min"},
    {"reflection", "off", "on", "off"},
    {"log-level", "debug", "error", "off"},
};

const SettingDescription& Find(const std::string& name) {
  for (const SettingDescription& setting : SettingTable()) {
    if (setting.name == name) return setting;
  }
  throw std::runtime_error("no setting " + name);
}

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() { inputs_.defaults = DefaultSettingsFor(3, int64_t{8} << 30); }

  ConfigOutcome Resolve(const Texts& arguments) {
    inputs_.arguments = arguments;
    return ResolveConfig(inputs_);
  }
  // The settings in force; fails where there is no running with them.
  Settings Run(const Texts& arguments = {}) {
    const ConfigOutcome outcome = Resolve(arguments);
    EXPECT_FALSE(outcome.exit_code.has_value()) << outcome.errors << outcome.output;
    return outcome.settings;
  }
  // The text of a refusal.
  std::string Refusal(const Texts& arguments = {}) {
    const ConfigOutcome outcome = Resolve(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.output, "");
    return outcome.errors;
  }
  void UseFile(const std::string& text) {
    inputs_.environment["TENSORD_CONFIG"] = folder_.Write("settings.yaml", text);
  }

  TemporaryDirectory folder_;
  ConfigInputs inputs_;
};

TEST_F(ConfigTest, SamplesNameEverySetting) {
  Texts names;
  for (const Sample& sample : kSamples) names.emplace_back(sample.name);
  Texts settings;
  for (const SettingDescription& setting : SettingTable()) settings.push_back(setting.name);
  EXPECT_EQ(names, settings);
}

TEST_F(ConfigTest, DefaultsAreThoseThatAreDocumented) {
  const Settings settings = Run();
  EXPECT_THAT(settings.listen, ElementsAre("127.0.0.1:50051"));
  EXPECT_EQ(settings.metrics_listen, "127.0.0.1:9464");
  EXPECT_EQ(settings.threads, 3);
  EXPECT_EQ(settings.queue, 12);
  EXPECT_EQ(settings.max_message_bytes, 268435456);
  EXPECT_EQ(settings.max_tensor_bytes, 201326592);
  EXPECT_EQ(settings.max_multiplications, int64_t{1} << 40);
  EXPECT_EQ(settings.memory_budget_bytes, int64_t{4} << 30);
  EXPECT_EQ(settings.default_deadline, std::chrono::seconds(30));
  EXPECT_EQ(settings.drain_timeout, std::chrono::seconds(20));
  EXPECT_TRUE(settings.reflection);
  EXPECT_EQ(settings.log_level, LogLevel::kInfo);
}

class PrecedenceTest : public ConfigTest, public ::testing::WithParamInterface<Sample> {};

TEST_P(PrecedenceTest, FlagThenEnvironmentThenFileThenDefault) {
  const SettingDescription& setting = Find(GetParam().name);
  const Texts fallback = setting.print(inputs_.defaults);
  EXPECT_EQ(setting.print(Run()), fallback);

  UseFile(setting.name + ": \"" + GetParam().file + "\"\n");
  EXPECT_THAT(setting.print(Run()), ElementsAre(GetParam().file));

  inputs_.environment[setting.environment_variable()] = GetParam().environment;
  EXPECT_THAT(setting.print(Run()), ElementsAre(GetParam().environment));

  EXPECT_THAT(setting.print(Run({"--" + setting.name, GetParam().flag})), ElementsAre(GetParam().flag));
  EXPECT_THAT(setting.print(Run({"--" + setting.name + "=" + GetParam().flag})), ElementsAre(GetParam().flag));

  inputs_.environment[setting.environment_variable()] = "";
  EXPECT_THAT(setting.print(Run()), ElementsAre(GetParam().file)) << "an empty variable counts as absent";
}

std::vector<Sample> SamplesByThemselves() {
  std::vector<Sample> samples;
  for (const Sample& sample : kSamples) {
    if (*sample.flag != '\0') samples.push_back(sample);
  }
  return samples;
}

std::string SampleName(const ::testing::TestParamInfo<Sample>& info) {
  std::string name = info.param.name;
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  return name;
}

INSTANTIATE_TEST_SUITE_P(Settings, PrecedenceTest, ::testing::ValuesIn(SamplesByThemselves()), SampleName);

TEST_F(ConfigTest, TlsFilesFollowTheSameOrder) {
  UseFile("tls-certificate: /f/c\ntls-key: /f/k\ntls-client-ca: /f/a\n");
  inputs_.environment["TENSORD_TLS_KEY"] = "/e/k";
  inputs_.environment["TENSORD_TLS_CLIENT_CA"] = "/e/a";
  const Settings settings = Run({"--tls-client-ca", "/a/a"});
  EXPECT_EQ(settings.tls_certificate, "/f/c");
  EXPECT_EQ(settings.tls_key, "/e/k");
  EXPECT_EQ(settings.tls_client_ca, "/a/a");
}

TEST_F(ConfigTest, ListenIsRepeatableAndListsAreReplacedWhole) {
  UseFile("listen: [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n");
  EXPECT_THAT(Run().listen, ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
  inputs_.environment["TENSORD_LISTEN"] = "127.0.0.1:0,127.0.0.1:0";
  EXPECT_THAT(Run().listen, ElementsAre("127.0.0.1:0", "127.0.0.1:0"));
  EXPECT_THAT(Run({"--listen", "[::1]:5", "--threads", "1", "--listen=unix:/a b"}).listen,
              ElementsAre("[::1]:5", "unix:/a b"));
}

TEST_F(ConfigTest, LastOfARepeatedScalarFlagWins) { EXPECT_EQ(Run({"--threads", "4", "--threads", "9"}).threads, 9); }

TEST_F(ConfigTest, FlagNamesTheFileBeforeTheEnvironment) {
  UseFile("threads: 7\n");
  const std::string other = folder_.Write("other.yaml", "threads: 8\n");
  EXPECT_EQ(Run({"--config", other}).threads, 8);
}

TEST_F(ConfigTest, QueueAndLargestTensorFollowWhatTheyDependOn) {
  EXPECT_EQ(Run({"--threads", "10"}).queue, 40);
  EXPECT_EQ(Run({"--threads", "10", "--queue", "1"}).queue, 1);
  EXPECT_EQ(Run({"--max-message-bytes", "4MiB"}).max_tensor_bytes, 3 << 20);
  EXPECT_EQ(Run({"--max-message-bytes", "1GiB"}).max_tensor_bytes, 192 << 20);
}

TEST_F(ConfigTest, UnitsAreRead) {
  EXPECT_EQ(Run({"--memory-budget-bytes", "3KiB"}).memory_budget_bytes, 3072);
  EXPECT_EQ(Run({"--memory-budget-bytes", "3GiB"}).memory_budget_bytes, int64_t{3} << 30);
  EXPECT_EQ(Run({"--default-deadline", "10min"}).default_deadline, std::chrono::minutes(10));
  EXPECT_EQ(Run({"--default-deadline", "10m"}).default_deadline, std::chrono::minutes(10));
  EXPECT_EQ(Run({"--default-deadline", "10ms"}).default_deadline, std::chrono::milliseconds(10));
  EXPECT_EQ(Run({"--drain-timeout", "0"}).drain_timeout, std::chrono::seconds(0));
  EXPECT_FALSE(Run({"--reflection", "false"}).reflection);
}

struct BadValue {
  const char* name;
  const char* value;
  const char* expected;
};
void PrintTo(const BadValue& bad, std::ostream* out) { *out << bad.name << "=" << bad.value; }
class BadValueTest : public ConfigTest, public ::testing::WithParamInterface<BadValue> {};

TEST_P(BadValueTest, IsRefusedFromEverySource) {
  const std::string name = GetParam().name;
  const auto expect_named = [&](const std::string& text, const std::string& source) {
    EXPECT_THAT(text, HasSubstr("1 problem with"));
    EXPECT_THAT(text, HasSubstr("  " + name + " (" + source));
    EXPECT_THAT(text, HasSubstr(GetParam().value));
    EXPECT_THAT(text, HasSubstr(std::string("expected ") + GetParam().expected));
  };
  expect_named(Refusal({"--" + name + "=" + GetParam().value}), "flag --" + name);
  expect_named(Refusal({"--print-config", "--" + name + "=" + GetParam().value}), "flag --" + name);
  inputs_.environment[Find(name).environment_variable()] = GetParam().value;
  expect_named(Refusal(), "environment TENSORD_");
  inputs_.environment.clear();
  UseFile(name + ": '" + GetParam().value + "'\n");
  expect_named(Refusal(), "file ");
}

INSTANTIATE_TEST_SUITE_P(
    Values, BadValueTest,
    ::testing::Values(
        BadValue{"listen", "50051", "an address"}, BadValue{"listen", "::1:50051", "an address"},
        BadValue{"listen", "host:65536", "a port"}, BadValue{"listen", "host:-1", "a port"},
        BadValue{"listen", "host: 1", "a port"}, BadValue{"listen", "ho st:1", "an address"},
        BadValue{"listen", "unix:relative", "a Unix socket"}, BadValue{"listen", "unix:/", "a Unix socket"},
        BadValue{"metrics-listen", "unix:/a", "host:port, or off"},
        BadValue{"metrics-listen", "on", "host:port, or off"},
        BadValue{"threads", "0", "a whole number from 1 to 1024"}, BadValue{"threads", "1025", "a whole number"},
        BadValue{"threads", "-1", "a whole number"}, BadValue{"threads", "+1", "a whole number"},
        BadValue{"threads", "two", "a whole number"}, BadValue{"threads", "2.0", "a whole number"},
        BadValue{"threads", " 2", "a whole number"}, BadValue{"threads", "4294967297", "a whole number"},
        BadValue{"queue", "-1", "a whole number from 0"}, BadValue{"queue", "1048577", "a whole number from 0"},
        BadValue{"max-message-bytes", "2GiB", "a number of bytes"},
        BadValue{"max-message-bytes", "1023", "a number of bytes from 1024"},
        BadValue{"max-message-bytes", "256MB", "a number of bytes"},
        BadValue{"max-message-bytes", "MiB", "a number of bytes"},
        BadValue{"max-message-bytes", "9223372036854775807GiB", "a number of bytes"},
        BadValue{"max-tensor-bytes", "0", "a number of bytes from 1"},
        BadValue{"max-tensor-bytes", "3GiB", "a number of bytes"},
        BadValue{"max-multiplications", "0", "a whole number from 1"},
        BadValue{"max-multiplications", "9223372036854775808", "a whole number from 1"},
        BadValue{"memory-budget-bytes", "0", "a number of bytes"}, BadValue{"default-deadline", "30", "a duration"},
        BadValue{"default-deadline", "0s", "a duration from 1ms"}, BadValue{"default-deadline", "25h", "a duration"},
        BadValue{"default-deadline", "1.5s", "a duration"}, BadValue{"default-deadline", "-1s", "a duration"},
        BadValue{"default-deadline", "9223372036854775807h", "a duration"},
        BadValue{"drain-timeout", "s", "a duration from 0s to 1h"}, BadValue{"drain-timeout", "61min", "a duration"},
        BadValue{"reflection", "maybe", "on or off"}, BadValue{"log-level", "verbose", "debug, info"}));

TEST_F(ConfigTest, EveryProblemIsListed) {
  UseFile("queue: many\ncolour: red\nreflection: [on, off]\n");
  inputs_.environment["TENSORD_LOG_LEVEL"] = "loud";
  const std::string text = Refusal({"--threads", "0", "--frobnicate", "stray", "--default-deadline=soon"});
  EXPECT_THAT(text, HasSubstr("8 problems"));
  EXPECT_THAT(text, HasSubstr("threads (flag --threads): \"0\""));
  EXPECT_THAT(text, HasSubstr("\"--frobnicate\""));
  EXPECT_THAT(text, HasSubstr("\"stray\""));
  EXPECT_THAT(text, HasSubstr("\"soon\""));
  EXPECT_THAT(text, HasSubstr("\"loud\""));
  EXPECT_THAT(text, HasSubstr("\"many\""));
  EXPECT_THAT(text, HasSubstr("colour (file "));
  EXPECT_THAT(text, HasSubstr("reflection (file "));
}

TEST_F(ConfigTest, ValuesAtOddsAreRefused) {
  EXPECT_THAT(Refusal({"--max-tensor-bytes", "2MiB", "--max-message-bytes", "1MiB"}),
              HasSubstr("max-tensor-bytes (flag --max-tensor-bytes): \"2097152\": expected at most max-message-bytes"));
  EXPECT_THAT(Refusal({"--tls-certificate", "c.pem"}), HasSubstr("  tls-key"));
  EXPECT_THAT(Refusal({"--tls-key", "k.pem"}), HasSubstr("  tls-certificate"));
  EXPECT_THAT(Refusal({"--tls-client-ca", "a.pem"}), HasSubstr("  tls-client-ca"));
  EXPECT_THAT(Refusal({"--listen", "localhost:1", "--listen", "localhost:1"}), HasSubstr("each address once"));
  EXPECT_THAT(Refusal({"--listen", "unix:/" + std::string(107, 'a')}), HasSubstr("at most 107 bytes"));
}

TEST_F(ConfigTest, FlagWithoutItsValueIsRefused) { EXPECT_THAT(Refusal({"--threads"}), HasSubstr("--threads")); }

struct BadFile {
  const char* text;
  const char* expected;
};
void PrintTo(const BadFile& bad, std::ostream* out) { *out << ::testing::PrintToString(bad.text); }
class BadFileTest : public ConfigTest, public ::testing::WithParamInterface<BadFile> {};

TEST_P(BadFileTest, IsRefused) {
  UseFile(GetParam().text);
  EXPECT_THAT(Refusal(), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadFileTest,
    ::testing::Values(BadFile{"threads: [", "YAML"}, BadFile{"- threads", "a YAML mapping"},
                      BadFile{"threads", "a YAML mapping"}, BadFile{"threads: 1\nthreads: 2\n", "each setting once"},
                      BadFile{"threads: {a: 1}\n", "one value"}, BadFile{"threads:\n", "one value"},
                      BadFile{"listen: []\n", "at least one address"},
                      BadFile{"listen: [[a]]\n", "one value, or a list"}, BadFile{"? [a]\n: b\n", "names of settings"},
                      BadFile{"config: x\n", "the name of a setting"}, BadFile{"threads: *gone\n", "YAML"},
                      BadFile{"\x01\x02: \xff", "expected"}));

TEST_F(ConfigTest, FileThatCannotBeReadIsRefused) {
  EXPECT_THAT(Refusal({"--config", folder_.path("missing.yaml")}), HasSubstr("No such file"));
  EXPECT_THAT(Refusal({"--config", folder_.path()}), HasSubstr("config (file"));
  const std::string large = folder_.Write("large.yaml", std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(Refusal({"--config", large}), HasSubstr("is larger than 1 MiB"));
}

TEST_F(ConfigTest, EmptyFileSetsNothing) {
  UseFile("# nothing\n");
  EXPECT_EQ(Run().threads, 3);
}

TEST_F(ConfigTest, HostileValueIsShownEscapedAndCut) {
  const std::string text = Refusal({"--threads", "1\n\x1b[31m" + std::string(10'000, 'x')});
  EXPECT_THAT(text, HasSubstr("\\n\\u001b[31m"));
  EXPECT_LT(text.size(), 600U);
}

TEST_F(ConfigTest, UnknownVariablesAreReportedAndNoError) {
  inputs_.environment = {{"TENSORD_TREADS", "4"}, {"TENSORD_THREADS", "4"}, {"TENSORCTL_SERVER", "x"}, {"PATH", "x"}};
  const ConfigOutcome outcome = Resolve({});
  EXPECT_FALSE(outcome.exit_code.has_value());
  EXPECT_THAT(outcome.unknown_variables, ElementsAre("TENSORD_TREADS"));
  EXPECT_EQ(outcome.settings.threads, 4);
}

TEST_F(ConfigTest, PrintedConfigSaysWhereEachCameFrom) {
  UseFile("queue: 7\n");
  inputs_.environment["TENSORD_DRAIN_TIMEOUT"] = "1500ms";
  const ConfigOutcome outcome = Resolve({"--print-config", "--threads", "2"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("\nthreads: 2  # flag\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\ndrain-timeout: 1500ms  # environment\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\nqueue: 7  # file\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\nlisten: [\"127.0.0.1:50051\"]  # default\n"));
}

TEST_F(ConfigTest, PrintedConfigIsAFileThatGivesTheSame) {
  const Texts arguments = {"--listen",
                           "[::1]:5",
                           "--listen",
                           "unix:/tmp/a \"b\" #\xc3\xa9",
                           "--tls-certificate",
                           "a: b #c",
                           "--tls-key",
                           "'k'\\n\n",
                           "--reflection",
                           "off",
                           "--log-level",
                           "off",
                           "--max-message-bytes",
                           "12MiB",
                           "--default-deadline",
                           "90s"};
  const Settings first = Run(arguments);
  Texts printing = arguments;
  printing.emplace_back("--print-config");
  UseFile(Resolve(printing).output);
  const Settings second = Run();
  for (const SettingDescription& setting : SettingTable()) {
    EXPECT_EQ(setting.print(second), setting.print(first)) << setting.name;
  }
  EXPECT_EQ(second.default_deadline, std::chrono::seconds(90));
}

TEST_F(ConfigTest, HelpNamesEverySettingWithItsDefault) {
  const ConfigOutcome outcome = Resolve({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.errors, IsEmpty());
  for (const SettingDescription& setting : SettingTable()) {
    EXPECT_THAT(outcome.output, HasSubstr("--" + setting.name + " "));
  }
  EXPECT_THAT(outcome.output, HasSubstr("[127.0.0.1:50051]"));
  EXPECT_THAT(outcome.output, HasSubstr("[268435456]"));
}

TEST_F(ConfigTest, VersionIsPrinted) {
  const ConfigOutcome outcome = Resolve({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, std::string("tensord ") + Version() + "\n");
  EXPECT_THAT(std::string(Version()), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST_F(ConfigTest, CheckSettingsNamesWhatAProgramGotWrong) {
  Settings settings;
  EXPECT_TRUE(CheckSettings(settings).ok());
  settings.threads = 0;
  settings.listen.clear();
  const absl::Status status = CheckSettings(settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("threads is \"0\""));
  EXPECT_THAT(std::string(status.message()), HasSubstr("listen is \"\""));
}

}  // namespace
}  // namespace tensord::server
