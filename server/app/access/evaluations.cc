#include "server/app/access/evaluations.h"

#include <map>
#include <set>
#include <utility>

#include "absl/types/optional.h"
#include "db/stores/principals.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr char kAccessToken[] = "access_token";
constexpr char kApiKey[] = "api_key";

// The folded name that stands for a principal. nullopt: the subject is named in another way, or not at all.
absl::optional<std::string> NameIn(const AuthZenEntity& subject) {
  const absl::optional<PrincipalType> type = ParsePrincipalType(subject.type);
  if (!type || *type == PrincipalType::kAnonymous || PrincipalId::Parse(subject.id)) return absl::nullopt;
  absl::StatusOr<std::string> folded = FoldUsername(subject.id);
  if (!folded.ok()) return absl::nullopt;
  return *std::move(folded);
}

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

bool Evaluations::IsCredential(const AuthZenEntity& subject) {
  return subject.type == kAccessToken || subject.type == kApiKey;
}

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

absl::StatusOr<CheckQuery::ById> Evaluations::PrincipalOf(const RequestContext& context,
                                                          const AuthZenEntity& subject) const {
  absl::StatusOr<AuthZenQuestion> question = AuthZenQuestion();
  question->subject = subject;
  ASSIGN_OR_RETURN(const Names names, FindNames(context, {&question, 1}));
  return names.Find(subject);
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
      // Nobody may do what no rule is for: a check of no principal, so that it has a moment and counts as a decision.
      queries.push_back(CheckQuery{CheckQuery::ById(), LiteralPermission(own_permissions::kCheck), Resource(), ""});
      continue;
    }
    CheckQuery query = {names.Find(question->subject), std::move(check->permission), std::move(check->resource), ""};
    if (question->subject.type == kAccessToken) {
      query.subject = CheckQuery::AccessToken{question->subject.id};
      const absl::optional<std::string>* const audience = PropertyOf(*question, "subject.audience");
      // No audience has a space, so that a malformed one matches no token.
      if (audience != nullptr) query.audience = audience->has_value() ? absl::string_view(**audience) : " ";
    } else if (question->subject.type == kApiKey) {
      query.subject = CheckQuery::ApiKey{question->subject.id};
    }
    queries.push_back(std::move(query));
  }
  return authorizer_.Check(context, caller, queries, Freshness());
}

}  // namespace identity
