#include "client/cli/conventions/answers.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/io/tensor_source.h"
#include "client/cli/status_macros.h"
#include "tensord/client/errors.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

// As a shell takes it. Requests hold no single quotes.
std::string Quoted(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-_.,:=", absl::string_view(&c, 1));
  });
  return plain && !word.empty() ? word : absl::StrCat("'", word, "'");
}

std::string Line(const Words& words) {
  return absl::StrJoin(words, " ", [](std::string* out, const std::string& word) { *out += Quoted(word); });
}

Words Together(const Words& words, const Words& more) {
  Words all = words;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// The first line that says what is wrong: that of the first violation, where there are any.
std::string FirstLine(const absl::Status& status, const Command& command) {
  const std::string text = FailureText(status, "", command.activation_flag(), Style(false));
  const Words lines = absl::StrSplit(text, '\n');
  return std::string(absl::StripAsciiWhitespace(lines.size() > 1 && !lines[1].empty() ? lines[1] : lines[0]));
}

// The tensors of an answer as --format json prints it.
absl::StatusOr<Json> Tensors(const std::string& printed) {
  const Json answer = Json::parse(printed, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return absl::InternalError("an example's answer is no JSON object");
  Json tensors = Json::object();
  for (const auto& item : answer.items()) {
    if (item.value().is_object() && item.value().contains("values")) tensors[item.key()] = item.value();
  }
  return tensors;
}

// Does what `tensorctl` and these words do, and fills what `answer` has of the result.
absl::Status AskOnce(const Words& words, Context& context, ExampleAnswer& answer) {
  const auto broken = [&](absl::string_view why) {
    return absl::InternalError(absl::StrCat("the example 'tensorctl ", Line(words), "' is no request: ", why));
  };
  CLI::App app;
  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands;
  for (std::unique_ptr<Command>& command : MakeCommands(app)) {
    CLI::App* declared = command->Declare(app);
    commands.emplace_back(declared, std::move(command));
  }
  try {
    app.parse(Words(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    return broken(error.what());
  }
  const auto named = std::find_if(commands.begin(), commands.end(), [](const auto& c) { return c.first->parsed(); });
  if (named == commands.end()) return broken("no such command");
  Command& command = *named->second;
  std::istringstream nothing;
  TensorSource source(nothing);
  const absl::Status prepared = command.Prepare(source);
  if (!prepared.ok()) return broken(prepared.message());
  std::ostringstream printed;
  Context quiet(context, printed);
  const absl::StatusOr<int> code = command.Run(quiet);
  if (code.ok()) {
    TENSORCTL_ASSIGN_OR_RETURN(answer.results, Tensors(printed.str()));
    return absl::OkStatus();
  }
  // Anything else is no verdict on the request.
  if (code.status().code() != absl::StatusCode::kInvalidArgument) return code.status();
  answer.refusal = FirstLine(code.status(), command);
  return absl::OkStatus();
}

// The same, and again after the time that the server asks for, where it asks for any: so many calls may be more than it
// takes of one client at once.
absl::Status Ask(const Words& words, Context& context, ExampleAnswer& answer) {
  constexpr int kAttempts = 100;
  constexpr std::chrono::milliseconds kLeast{10};
  constexpr std::chrono::milliseconds kMost{5'000};
  absl::Status status = AskOnce(words, context, answer);
  for (int i = 1; i < kAttempts && !status.ok(); ++i) {
    const auto retry = client::RetryInfoOf(status);
    if (!retry) break;
    const std::chrono::milliseconds delay = std::chrono::seconds(retry->retry_delay().seconds()) +
                                            std::chrono::milliseconds(retry->retry_delay().nanos() / 1'000'000);
    if (delay > kMost) break;
    std::this_thread::sleep_for(std::max(delay, kLeast));
    status = AskOnce(words, context, answer);
  }
  return status;
}

absl::Status AskProfiles(const ConventionTable& table, Context& context, AnsweredExample& answered) {
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const ProfileColumn& column = table.columns[c];
    const Words& request = answered.example->request;
    const Words words = c == 0 ? request : Together(request, {"--profile", column.name});
    ExampleAnswer answer;
    TENSORCTL_RETURN_IF_ERROR(Ask(words, context, answer));
    auto same = std::find_if(answered.answers.begin(), answered.answers.end(), [&](const ExampleAnswer& known) {
      return known.results == answer.results && known.refusal == answer.refusal;
    });
    if (same == answered.answers.end()) same = answered.answers.insert(same, std::move(answer));
    same->profiles.push_back(column);
    same->commands.push_back("tensorctl " + Line(words));
  }
  return absl::OkStatus();
}

absl::Status AskChoices(Context& context, AnsweredExample& answered) {
  for (const Words& flags : answered.example->choices) {
    const Words words = Together(answered.example->request, flags);
    ExampleAnswer& answer = answered.answers.emplace_back();
    TENSORCTL_RETURN_IF_ERROR(Ask(words, context, answer));
    answer.flags = Line(flags);
    answer.commands.push_back("tensorctl " + Line(words));
  }
  return absl::OkStatus();
}

bool Differs(const ConventionTable& table, absl::string_view convention) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const ConventionRow& row) { return row.name == convention && row.differs(); });
}

}  // namespace

absl::StatusOr<std::vector<AnsweredExample>> AnswerExamples(const ConventionTable& table, bool chosen,
                                                            Context& context) {
  std::vector<AnsweredExample> all;
  for (const Example& example : Examples()) {
    if (chosen && example.choices.empty() && !Differs(table, example.convention)) continue;
    AnsweredExample& answered = all.emplace_back();
    answered.example = &example;
    answered.command = "tensorctl " + Line(example.request);
    TENSORCTL_RETURN_IF_ERROR(AskProfiles(table, context, answered));
    TENSORCTL_RETURN_IF_ERROR(AskChoices(context, answered));
  }
  return all;
}

std::string AnswerText(const ExampleAnswer& answer) {
  if (!answer.refusal.empty()) return "refused: " + answer.refusal;
  std::vector<std::string> parts;
  for (const auto& item : answer.results.items()) {
    parts.push_back(absl::StrCat(item.key(), " ", item.value()["values"].dump()));
  }
  return absl::StrJoin(parts, ", ");
}

std::string WhoText(const ExampleAnswer& answer, const std::vector<ProfileColumn>& columns) {
  if (answer.profiles.empty()) return answer.flags;
  if (answer.profiles.size() == columns.size()) return "all alike";
  return absl::StrJoin(answer.profiles, ", ",
                       [](std::string* out, const ProfileColumn& profile) { *out += profile.title; });
}

}  // namespace tensord::cli
