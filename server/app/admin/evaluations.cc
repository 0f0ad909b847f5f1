#include "server/app/admin/evaluations.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/types/optional.h"
#include "db/stores/principals.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr char kAccessToken[] = "access_token";
constexpr char kApiKey[] = "api_key";

bool IsCredential(const AuthZenEntity& subject) { return subject.type == kAccessToken || subject.type == kApiKey; }

// The folded name that stands for a principal. nullopt: the subject is named in another way, or not at all.
absl::optional<std::string> NameIn(const AuthZenEntity& subject) {
  const absl::optional<PrincipalType> type = ParsePrincipalType(subject.type);
  if (!type || *type == PrincipalType::kAnonymous || PrincipalId::Parse(subject.id)) return absl::nullopt;
  absl::StatusOr<std::string> folded = FoldUsername(subject.id);
  if (!folded.ok()) return absl::nullopt;
  return *std::move(folded);
}

CheckAnswer NoRule() {
  CheckAnswer answer;
  answer.decision.reason = Reason::kNoBinding;
  return answer;
}

// A question without a permission becomes this error, which no client sees.
absl::Status Unmapped() { return absl::NotFoundError("no rule is for the question"); }

}  // namespace

// The principals that questions name.
class Evaluations::Names {
 public:
  void Add(const principals::NamedPrincipal& named) { ids_[{named.type, named.username}] = named.id; }
  // Without an id when no principal of the subject's type can be meant.
  CheckQuery::ById Find(const AuthZenEntity& subject) const {
    const absl::optional<PrincipalType> type = ParsePrincipalType(subject.type);
    if (!type) return {};
    if (*type == PrincipalType::kAnonymous) return {AnonymousPrincipal(), type};
    if (const absl::optional<PrincipalId> id = PrincipalId::Parse(subject.id)) return {id, type};
    const absl::optional<std::string> name = NameIn(subject);
    const auto found = name ? ids_.find({*type, *name}) : ids_.end();
    if (found == ids_.end()) return {};
    return {found->second, type};
  }

 private:
  std::map<std::pair<PrincipalType, std::string>, PrincipalId> ids_;
};

Evaluations::Rules Evaluations::CurrentRules() const {
  if (routes_ == nullptr) return {nullptr, &usual_};
  std::shared_ptr<const RouteRules> file = routes_->rules();
  const AuthZenRules* const rules = &file->authzen();
  return {std::move(file), rules};
}

absl::StatusOr<Evaluations::Names> Evaluations::FindNames(const RequestContext& context, Questions questions) const {
  std::set<std::string> wanted;
  for (const absl::StatusOr<AuthZenQuestion>& question : questions) {
    if (!question.ok()) continue;
    if (absl::optional<std::string> name = NameIn(question->subject)) wanted.insert(*std::move(name));
  }
  Names names;
  if (wanted.empty()) return names;
  if (!context.may_block) return WouldBlock();
  const std::vector<std::string> texts(wanted.begin(), wanted.end());
  ASSIGN_OR_RETURN(
      const std::vector<principals::NamedPrincipal> found,
      database_.Read(context, [&](Transaction& transaction) { return principals::FindByNames(transaction, texts); }));
  for (const principals::NamedPrincipal& named : found) names.Add(named);
  return names;
}

absl::StatusOr<Authorizer::Answers> Evaluations::Evaluate(const RequestContext& context, const Caller& caller,
                                                          Questions questions) const {
  ASSIGN_OR_RETURN(const Names names, FindNames(context, questions));
  const Rules rules = CurrentRules();
  std::vector<absl::StatusOr<CheckQuery>> queries;
  queries.reserve(questions.size());
  for (const absl::StatusOr<AuthZenQuestion>& question : questions) {
    if (!question.ok()) {
      queries.push_back(question.status());
      continue;
    }
    absl::optional<AuthZenRules::Check> check = rules.rules->Map(*question);
    if (!check) {
      queries.push_back(Unmapped());
      continue;
    }
    CheckQuery query = {names.Find(question->subject), std::move(check->permission), std::move(check->resource), ""};
    if (question->subject.type == kAccessToken) {
      query.subject = CheckQuery::AccessToken{question->subject.id};
      const absl::optional<std::string>* const audience = PropertyOf(*question, "subject.audience");
      if (audience != nullptr) query.audience = audience->has_value() ? absl::string_view(**audience) : " ";
    } else if (question->subject.type == kApiKey) {
      query.subject = CheckQuery::ApiKey{question->subject.id};
    }
    queries.push_back(std::move(query));
  }
  ASSIGN_OR_RETURN(Authorizer::Answers answers, authorizer_.Check(context, caller, queries, Freshness()));
  for (absl::StatusOr<CheckAnswer>& answer : answers) {
    if (answer.status() == Unmapped()) answer = NoRule();
  }
  return answers;
}

absl::StatusOr<Evaluations::Found> Evaluations::FindSubjects(const RequestContext& context,
                                                             const AuthZenQuestion& question,
                                                             const PageRequest& page) const {
  Found found;
  const absl::optional<PrincipalType> type = ParsePrincipalType(question.subject.type);
  if (IsCredential(question.subject)) found.complete = false;  // nobody can list them
  const Rules rules = CurrentRules();
  const absl::optional<AuthZenRules::Check> check = rules.rules->Map(question);
  if (rules.rules->DependsOnSubject(question)) found.complete = false;
  if (!type || !check) return found;
  ASSIGN_OR_RETURN(const auto list, lookups_.Subjects(context, check->permission, check->resource, page));
  for (const Lookups::Holder& holder : list.page.items) {
    // Who has to show a second factor first would be denied now.
    if (holder.principal.type() != *type || holder.grant.needs_second_factor) continue;
    found.ids.emplace_back(holder.principal.username());
  }
  found.next_page_token = list.page.next_page_token;
  found.token = list.token;
  return found;
}

absl::StatusOr<Evaluations::Found> Evaluations::FindResources(const RequestContext& context,
                                                              const AuthZenQuestion& question) const {
  Found found;
  const absl::StatusOr<AuthZenQuestion> asked = question;
  ASSIGN_OR_RETURN(const Names names, FindNames(context, {&asked, 1}));
  const CheckQuery::ById subject = names.Find(question.subject);
  if (IsCredential(question.subject)) found.complete = false;  // only for principals
  if (!subject.id) return found;
  const Rules rules = CurrentRules();
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
      if (place.grant.needs_second_factor) continue;
      const auto reversed = search.candidates[i].resource->Reverse(question, place.resource.text());
      if (!reversed.id.empty()) ids.insert(reversed.id);
      if (reversed.more) found.complete = false;
    }
  }
  found.ids.assign(ids.begin(), ids.end());
  return found;
}

absl::StatusOr<Evaluations::Found> Evaluations::FindActions(const RequestContext& context, const Caller& caller,
                                                            const AuthZenQuestion& question) const {
  Found found;
  const absl::optional<std::vector<std::string>> actions = CurrentRules().rules->ActionsOf(question.resource.type);
  // Credentials are judged only for those who may check.
  if (!actions || IsCredential(question.subject)) {
    found.complete = false;
    return found;
  }
  std::vector<absl::StatusOr<AuthZenQuestion>> questions;
  for (const std::string& action : *actions) {
    questions.emplace_back(question);
    questions.back()->action.id = action;
  }
  ASSIGN_OR_RETURN(const Authorizer::Answers answers, Evaluate(context, caller, questions));
  for (size_t i = 0; i < answers.size(); ++i) {
    RETURN_IF_ERROR(answers[i].status());
    if (answers[i]->decision.allowed()) found.ids.push_back((*actions)[i]);
    if (answers[i]->moment.token.revision > 0) found.token = answers[i]->moment.token;
  }
  return found;
}

}  // namespace identity
