#include "server/app/admin/searches.h"

#include <set>
#include <utility>

#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<Searches::Found> Searches::Subjects(const RequestContext& context, const AuthZenQuestion& question,
                                                   const PageRequest& page) const {
  Found found;
  const absl::optional<PrincipalType> type = ParsePrincipalType(question.subject.type);
  if (Evaluations::IsCredential(question.subject)) found.complete = false;  // nobody can list them
  const Evaluations::Rules rules = evaluations_.CurrentRules();
  const absl::optional<AuthZenRules::Check> check = rules.rules->Map(question);
  if (rules.rules->DependsOnSubject(question)) found.complete = false;
  if (!type || !check) return found;
  ASSIGN_OR_RETURN(const auto list, lookups_.Subjects(context, check->permission, check->resource, page));
  for (const Lookups::Holder& holder : list.page.items) {
    // Who has to show a second factor first would be denied now.
    if (holder.principal.type() != *type || holder.right.needs_second_factor) continue;
    found.ids.emplace_back(holder.principal.username());
  }
  found.next_page_token = list.page.next_page_token;
  found.token = list.token;
  return found;
}

absl::StatusOr<Searches::Found> Searches::Resources(const RequestContext& context,
                                                    const AuthZenQuestion& question) const {
  Found found;
  ASSIGN_OR_RETURN(const CheckQuery::ById subject, evaluations_.PrincipalOf(context, question.subject));
  if (Evaluations::IsCredential(question.subject)) found.complete = false;  // only for principals
  if (!subject.id) return found;
  const Evaluations::Rules rules = evaluations_.CurrentRules();
  const AuthZenRules::Search search = rules.rules->MapSearch(question);
  found.complete = search.complete;
  std::vector<Permission> permissions;
  for (const auto& candidate : search.candidates) permissions.push_back(candidate.permission);
  ASSIGN_OR_RETURN(const Lookups::Places places, lookups_.ResourcesOfEach(context, *subject.id, permissions));
  found.token = places.token;
  if (!places.principal || places.principal->type() != *subject.type) return found;
  std::set<std::string> ids;
  for (size_t i = 0; i < search.candidates.size(); ++i) {
    for (const Lookups::Place& place : places.of_each[i]) {
      if (place.right.needs_second_factor) continue;
      const auto reversed = search.candidates[i].resource->Reverse(question, place.resource.text());
      if (!reversed.id.empty()) ids.insert(reversed.id);
      if (reversed.more) found.complete = false;
    }
  }
  found.ids.assign(ids.begin(), ids.end());
  return found;
}

absl::StatusOr<Searches::Found> Searches::Actions(const RequestContext& context, const Caller& caller,
                                                  const AuthZenQuestion& question) const {
  Found found;
  const absl::optional<std::vector<std::string>> actions =
      evaluations_.CurrentRules().rules->ActionsOf(question.resource.type);
  // Credentials are judged only for those who may check.
  if (!actions || Evaluations::IsCredential(question.subject)) {
    found.complete = false;
    return found;
  }
  std::vector<absl::StatusOr<AuthZenQuestion>> questions;
  for (const std::string& action : *actions) {
    questions.emplace_back(question);
    questions.back()->action.id = action;
  }
  ASSIGN_OR_RETURN(const Authorizer::Answers answers, evaluations_.Evaluate(context, caller, questions));
  for (size_t i = 0; i < answers.size(); ++i) {
    RETURN_IF_ERROR(answers[i].status());
    if (answers[i]->decision.allowed()) found.ids.push_back((*actions)[i]);
    found.token = answers[i]->moment.token;
  }
  return found;
}

}  // namespace identity
