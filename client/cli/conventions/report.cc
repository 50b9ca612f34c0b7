#include "client/cli/conventions/print.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

Json RowJson(const ConventionTable& table, const ConventionRow& row) {
  Json values = Json::object();
  Json differs = Json::array();
  for (size_t c = 0; c < table.columns.size(); ++c) {
    values[table.columns[c].name] = row.values[c];
    if (row.differs(c)) differs.push_back(table.columns[c].name);
  }
  return {{"name", row.name}, {"meaning", row.meaning}, {"values", values}, {"differs", differs}};
}

Json AnswerJson(const ExampleAnswer& answer) {
  Json json = Json::object();
  if (answer.profiles.empty()) {
    json["flags"] = answer.flags;
  } else {
    for (const ProfileColumn& profile : answer.profiles) json["profiles"].push_back(profile.name);
  }
  json["commands"] = answer.commands;
  if (answer.refusal.empty()) {
    json["results"] = answer.results;
  } else {
    json["refused"] = answer.refusal;
  }
  return json;
}

}  // namespace

Report ConventionsReport(const ConventionTable& table, const std::vector<AnsweredExample>& examples) {
  Json profiles = Json::array();
  for (const ProfileColumn& column : table.columns) profiles.push_back(column.name);
  Json rows = Json::array();
  for (const ConventionRow& row : table.rows) rows.push_back(RowJson(table, row));
  Json answered = Json::array();
  for (const AnsweredExample& item : examples) {
    Json answers = Json::array();
    for (const ExampleAnswer& answer : item.answers) answers.push_back(AnswerJson(answer));
    answered.push_back({{"name", item.example->name},
                        {"convention", item.example->convention},
                        {"about", item.example->about},
                        {"command", item.command},
                        {"answers", answers}});
  }
  Report report;
  report.values = {{"profiles", profiles}, {"conventions", rows}, {"examples", answered}};
  return report;
}

}  // namespace tensord::cli
