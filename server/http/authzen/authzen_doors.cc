#include "server/http/authzen/authzen_doors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/decision.h"
#include "server/http/authzen/authzen_json.h"
#include "server/http/http_call.h"

namespace identity {
namespace {

using AnswerJson = nlohmann::ordered_json;

AnswerJson ToJson(const absl::StatusOr<CheckAnswer>& answer) {
  AnswerJson json = {{"decision", answer.ok() && answer->decision.allowed()}};
  if (answer.ok()) {
    json["context"]["reason"] = std::string(NameOf(answer->decision.reason));
  } else {
    json["context"]["error"] = {{"status", HttpStatusOf(answer.status().code())},
                                {"message", std::string(answer.status().message())}};
  }
  return json;
}

// `entity_of`: the JSON of a result with this id.
template <typename EntityOf>
AnswerJson ToJson(const Searches::Found& found, const EntityOf& entity_of) {
  AnswerJson results = AnswerJson::array();
  for (const std::string& id : found.ids) results.push_back(entity_of(id));
  AnswerJson json = {{"results", std::move(results)}};
  json["page"] = {{"next_token", found.next_page_token}, {"count", found.ids.size()}};
  json["context"]["complete"] = found.complete;
  if (found.token) json["context"]["consistency_token"] = found.token->ToText();
  return json;
}

}  // namespace

Door AuthZenDoors::DoorOf(const char* method, Runner run, Handler handler) {
  return {absl::StrCat("/", method), {"POST"}, [=, this](std::shared_ptr<HttpExchange> exchange) {
            HttpCall& call = HttpCall::Begin(std::move(exchange), ProblemOf);
            (calls_.*run)({call, method}, [=, this, &call](const Call& admitted) -> absl::Status {
              ASSIGN_OR_RETURN(const nlohmann::json request, ReadAuthZenBody(call.request()));
              ASSIGN_OR_RETURN(const AnswerJson answer, (this->*handler)(admitted, request));
              call.response().content_type = "application/json";
              call.response().body = answer.dump(-1, ' ', false, AnswerJson::error_handler_t::replace);
              return absl::OkStatus();
            });
          }};
}

std::vector<Door> AuthZenDoors::doors() {
  // One question is answered as a check is: from memory, where it can be. The others may cost more than that.
  return {DoorOf("access/v1/evaluation", &CallRunner::RunInline, &AuthZenDoors::Evaluate),
          DoorOf("access/v1/evaluations", &CallRunner::Run, &AuthZenDoors::EvaluateAll),
          DoorOf("access/v1/search/subject", &CallRunner::Run, &AuthZenDoors::SearchSubjects),
          DoorOf("access/v1/search/resource", &CallRunner::Run, &AuthZenDoors::SearchResources),
          DoorOf("access/v1/search/action", &CallRunner::Run, &AuthZenDoors::SearchActions)};
}

AuthZenDoors::Answer AuthZenDoors::Evaluate(const Call& call, const nlohmann::json& request) const {
  const absl::StatusOr<AuthZenQuestion> question = ReadAuthZenQuestion(request);
  RETURN_IF_ERROR(question.status());
  ASSIGN_OR_RETURN(const Authorizer::Answers answers, evaluations_.Evaluate(call.context, call.caller, {&question, 1}));
  return ToJson(answers[0]);
}

AuthZenDoors::Answer AuthZenDoors::EvaluateAll(const Call& call, const nlohmann::json& request) const {
  ASSIGN_OR_RETURN(const AuthZenBatch batch, ReadAuthZenBatch(request));
  if (batch.questions.empty()) return Evaluate(call, request);
  ASSIGN_OR_RETURN(const Authorizer::Answers answers,
                   evaluations_.Evaluate(call.context, call.caller, batch.questions));
  using Semantic = AuthZenBatch::Semantic;
  AnswerJson list = AnswerJson::array();
  for (const absl::StatusOr<CheckAnswer>& answer : answers) {
    list.push_back(ToJson(answer));
    const bool allowed = answer.ok() && answer->decision.allowed();
    if (batch.semantic == (allowed ? Semantic::kPermitOnFirstPermit : Semantic::kDenyOnFirstDeny)) break;
  }
  AnswerJson json;
  json["evaluations"] = std::move(list);
  return json;
}

AuthZenDoors::Answer AuthZenDoors::SearchSubjects(const Call& call, const nlohmann::json& request) const {
  AuthZenNeeds needs;
  needs.subject_id = false;
  ASSIGN_OR_RETURN(const AuthZenQuestion question, ReadAuthZenQuestion(request, needs));
  ASSIGN_OR_RETURN(const PageRequest page, ReadAuthZenPage(request));
  ASSIGN_OR_RETURN(const Searches::Found found, searches_.Subjects(call.context, question, page));
  return ToJson(found, [&](const std::string& id) { return AnswerJson{{"type", question.subject.type}, {"id", id}}; });
}

AuthZenDoors::Answer AuthZenDoors::SearchResources(const Call& call, const nlohmann::json& request) const {
  AuthZenNeeds needs;
  needs.resource_id = false;
  ASSIGN_OR_RETURN(const AuthZenQuestion question, ReadAuthZenQuestion(request, needs));
  ASSIGN_OR_RETURN(const Searches::Found found, searches_.Resources(call.context, question));
  return ToJson(found, [&](const std::string& id) { return AnswerJson{{"type", question.resource.type}, {"id", id}}; });
}

AuthZenDoors::Answer AuthZenDoors::SearchActions(const Call& call, const nlohmann::json& request) const {
  AuthZenNeeds needs;
  needs.action = false;
  ASSIGN_OR_RETURN(const AuthZenQuestion question, ReadAuthZenQuestion(request, needs));
  ASSIGN_OR_RETURN(const Searches::Found found, searches_.Actions(call.context, call.caller, question));
  return ToJson(found, [](const std::string& id) { return AnswerJson{{"name", id}}; });
}

}  // namespace identity
