#include "server/http/authzen/authzen_doors.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/encoding/json_object.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/decision.h"
#include "server/http/authzen/authzen_json.h"
#include "server/http/http_call.h"

namespace identity {
namespace {

JsonObject ToJson(const absl::StatusOr<CheckAnswer>& answer) {
  JsonObject context;
  if (answer.ok()) {
    context.AddText("reason", NameOf(answer->decision.reason));
  } else {
    JsonObject error;
    error.AddNumber("status", HttpStatusOf(answer.status().code()));
    error.AddText("message", answer.status().message());
    context.AddObject("error", std::move(error));
  }
  JsonObject json;
  json.AddBool("decision", answer.ok() && answer->decision.allowed());
  json.AddObject("context", std::move(context));
  return json;
}

// `entity_of`: the JSON of a result with this id.
template <typename EntityOf>
std::string ToJson(const Searches::Found& found, const EntityOf& entity_of) {
  std::vector<JsonObject> results;
  for (const std::string& id : found.ids) results.push_back(entity_of(id));
  JsonObject page;
  page.AddText("next_token", found.next_page_token);
  page.AddNumber("count", static_cast<int64_t>(found.ids.size()));
  JsonObject context;
  context.AddBool("complete", found.complete);
  if (found.token) context.AddText("consistency_token", found.token->ToText());
  JsonObject json;
  json.AddObjects("results", std::move(results));
  json.AddObject("page", std::move(page));
  json.AddObject("context", std::move(context));
  return std::move(json).Finish();
}

// A worker reads larger bodies, so that they do not block an event loop: 64 KiB of long numbers take 20 ms.
constexpr size_t kMaxInlineBytes = 8 * 1024;

JsonObject EntityOf(absl::string_view type, absl::string_view id) {
  JsonObject entity;
  entity.AddText("type", type);
  entity.AddText("id", id);
  return entity;
}

}  // namespace

Door AuthZenDoors::DoorOf(const char* method, Runner run, Handler handler) {
  return {absl::StrCat("/", method), {"POST"}, [=, this](std::shared_ptr<HttpExchange> exchange) {
            HttpCall& call = HttpCall::Begin(std::move(exchange), ProblemOf);
            const bool is_large = call.request().body.size() > kMaxInlineBytes;
            (calls_.*(is_large ? &CallRunner::Run : run))(
                {call, method}, [=, this, &call](const Call& admitted) -> absl::Status {
                  ASSIGN_OR_RETURN(const nlohmann::json request, ReadAuthZenBody(call.request()));
                  ASSIGN_OR_RETURN(call.response().body, (this->*handler)(admitted, request));
                  call.response().content_type = "application/json";
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
  RETURN_IF_ERROR(answers[0].status());
  return ToJson(answers[0]).Finish();
}

AuthZenDoors::Answer AuthZenDoors::EvaluateAll(const Call& call, const nlohmann::json& request) const {
  ASSIGN_OR_RETURN(const AuthZenBatch batch, ReadAuthZenBatch(request));
  if (batch.questions.empty()) return Evaluate(call, request);
  ASSIGN_OR_RETURN(const Authorizer::Answers answers,
                   evaluations_.Evaluate(call.context, call.caller, batch.questions));
  using Semantic = AuthZenBatch::Semantic;
  std::vector<JsonObject> list;
  for (const absl::StatusOr<CheckAnswer>& answer : answers) {
    list.push_back(ToJson(answer));
    const bool allowed = answer.ok() && answer->decision.allowed();
    if (batch.semantic == (allowed ? Semantic::kPermitOnFirstPermit : Semantic::kDenyOnFirstDeny)) break;
  }
  JsonObject json;
  json.AddObjects("evaluations", std::move(list));
  return std::move(json).Finish();
}

AuthZenDoors::Answer AuthZenDoors::SearchSubjects(const Call& call, const nlohmann::json& request) const {
  AuthZenNeeds needs;
  needs.subject_id = false;
  ASSIGN_OR_RETURN(const AuthZenQuestion question, ReadAuthZenQuestion(request, needs));
  ASSIGN_OR_RETURN(const PageRequest page, ReadAuthZenPage(request));
  ASSIGN_OR_RETURN(const Searches::Found found, searches_.Subjects(call.context, question, page));
  return ToJson(found, [&](absl::string_view id) { return EntityOf(question.subject.type, id); });
}

AuthZenDoors::Answer AuthZenDoors::SearchResources(const Call& call, const nlohmann::json& request) const {
  AuthZenNeeds needs;
  needs.resource_id = false;
  ASSIGN_OR_RETURN(const AuthZenQuestion question, ReadAuthZenQuestion(request, needs));
  ASSIGN_OR_RETURN(const Searches::Found found, searches_.Resources(call.context, question));
  return ToJson(found, [&](absl::string_view id) { return EntityOf(question.resource.type, id); });
}

AuthZenDoors::Answer AuthZenDoors::SearchActions(const Call& call, const nlohmann::json& request) const {
  AuthZenNeeds needs;
  needs.action = false;
  ASSIGN_OR_RETURN(const AuthZenQuestion question, ReadAuthZenQuestion(request, needs));
  ASSIGN_OR_RETURN(const Searches::Found found, searches_.Actions(call.context, call.caller, question));
  return ToJson(found, [](absl::string_view id) {
    JsonObject action;
    action.AddText("name", id);
    return action;
  });
}

}  // namespace identity
