#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "nlohmann/json.hpp"
#include "server/http/authzen/authzen_json.h"
#include "server/http/http_message.h"
#include "server/routes/authzen_rules.h"
#include "server/routes/route_rules.h"
#include "tests/fuzz/fuzz.h"

// Input: the body of a request in the first line, then a file of rules. Without a valid file the usual mapping holds.
namespace identity {
namespace {

constexpr size_t kMostProperties = 64;

void RequireReadable(const AuthZenQuestion& question) {
  for (const AuthZenEntity* entity : {&question.subject, &question.action, &question.resource}) {
    Require(!entity->id.empty(), "a question has all its names");
    Require(entity->type.empty() == (entity == &question.action), "subjects and resources have types");
    Require(entity->properties.size() <= kMostProperties, "properties are limited");
  }
}

// A resource that an evaluation decides about is one that a search can find.
void RequireFindable(const AuthZenRules& rules, const AuthZenQuestion& question, const AuthZenRules::Check& check) {
  AuthZenQuestion open = question;
  open.resource.id.clear();
  const AuthZenRules::Search search = rules.MapSearch(open);
  const bool found = std::any_of(search.candidates.begin(), search.candidates.end(), [&](const auto& candidate) {
    if (candidate.permission.text() != check.permission.text()) return false;
    const AuthZenTemplate::Reversed reversed = candidate.resource->Reverse(open, check.resource.text());
    // A resource writes the ids of users in lower case.
    return reversed.more || absl::EqualsIgnoreCase(reversed.id, question.resource.id);
  });
  Require(found || !search.complete, "a search finds what an evaluation allows, or says that it is not complete");
}

void FuzzAuthZen(absl::string_view input) {
  HttpRequest request;
  request.headers = {{"content-type", "application/json"}};
  request.body = std::string(TakeUntil('\n', input));
  const absl::StatusOr<RouteRules> file = RouteRules::Parse(input);
  const AuthZenRules usual;
  const AuthZenRules& rules = file.ok() ? file->authzen() : usual;
  const absl::StatusOr<nlohmann::json> body = ReadAuthZenBody(request);
  if (!body.ok()) return;
  absl::StatusOr<AuthZenBatch> batch = ReadAuthZenBatch(*body);
  if (!batch.ok()) return;
  Require(batch->questions.size() <= AuthZenBatch::kMaxEvaluations, "a batch is limited");
  if (batch->questions.empty()) batch->questions.push_back(ReadAuthZenQuestion(*body));
  for (const absl::StatusOr<AuthZenQuestion>& question : batch->questions) {
    if (!question.ok()) continue;
    RequireReadable(*question);
    const absl::optional<AuthZenRules::Check> check = rules.Map(*question);
    if (check) RequireFindable(rules, *question, *check);
  }
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(authzen, identity::FuzzAuthZen)
