#include "server/app/access/authorizer.h"

#include <memory>
#include <utility>

#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// For a principal that is named by its id, without a credential and so without scopes.
absl::StatusOr<Verification> VerifyId(Facts& facts, const CheckQuery::ById& named) {
  if (!named.id) return Verification{Reason::kNoBinding, absl::nullopt};
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(*named.id));
  if (!principal || (named.type && *named.type != principal->type()))
    return Verification{Reason::kNoBinding, absl::nullopt};
  Subject subject(*std::move(principal));
  const Reason reason = subject.principal.disabled() ? Reason::kPrincipalDisabled : Reason::kGranted;
  return Verification{reason, std::move(subject)};
}

absl::string_view AudienceOf(const CheckQuery& query) {
  return query.audience.empty() ? absl::string_view(kOwnAudience) : query.audience;
}

}  // namespace

absl::StatusOr<Verification> Authorizer::Verify(Facts& facts, const Caller& caller, const CheckQuery& query) const {
  if (const auto* token = std::get_if<CheckQuery::AccessToken>(&query.subject)) {
    return credentials_.VerifyAccessToken(facts, token->text, AudienceOf(query));
  }
  if (const auto* key = std::get_if<CheckQuery::ApiKey>(&query.subject)) {
    return credentials_.VerifyApiKey(facts, key->text);
  }
  if (const auto* by_id = std::get_if<CheckQuery::ById>(&query.subject)) return VerifyId(facts, *by_id);
  if (std::holds_alternative<CheckQuery::Anonymous>(query.subject)) return VerifyId(facts, {AnonymousPrincipal()});
  if (!caller.subject) return Error(ErrorReason::kCallerUnknown, "self: the call came without a credential");
  const auto& workload = caller.subject->workload;
  const bool is_token = caller.subject->token_id || (workload && workload->issuer != kCertificateIssuer);
  const bool for_another = is_token && AudienceOf(query) != kOwnAudience;
  if (for_another) return Verification();
  return VerifyAgain(facts, *caller.subject);
}

absl::StatusOr<CheckAnswer> Authorizer::CheckOne(Facts& facts, const Caller& caller, const CheckQuery& query) const {
  CheckAnswer answer;
  ASSIGN_OR_RETURN(answer.moment, facts.Now());
  ASSIGN_OR_RETURN(Verification verification, Verify(facts, caller, query));
  answer.subject = std::move(verification.subject);
  answer.decision.reason = verification.reason;
  if (!verification.good()) return answer;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  const Subject& subject = *answer.subject;
  const Instant at{answer.moment.time, subject.mfa_time};
  answer.decision = Decide(subject.principal, subject.scopes, *roles, query.permission, query.resource, at);
  if (query.explain && answer.decision.allowed()) {
    answer.explanation = Explain(subject.principal, *roles, query.permission, query.resource, at);
  }
  return answer;
}

void Authorizer::CountRequest(const RequestContext& context, const Caller& caller, const CheckQuery& query,
                              CheckAnswer& answer) const {
  const Reason reason = answer.decision.reason;
  const bool good = reason == Reason::kGranted || reason > Reason::kQuotaExceeded;
  if (!good || !answer.subject || throttle_.RequestLimit(*answer.subject) == 0) return;
  // The caller's own key was already counted when the call was admitted.
  if (std::holds_alternative<CheckQuery::Self>(query.subject)) return;
  answer.quota = throttle_.CountRequest(context, caller, *answer.subject);
  if (answer.quota->allowed) return;
  answer.decision = Decision();
  answer.decision.reason = Reason::kQuotaExceeded;
  answer.explanation.reset();
}

absl::StatusOr<Authorizer::Answers> Authorizer::CheckAll(Facts& facts, const Caller& caller,
                                                         absl::Span<const absl::StatusOr<CheckQuery>> queries) const {
  Answers answers;
  answers.reserve(queries.size());
  for (const absl::StatusOr<CheckQuery>& query : queries) {
    if (!query.ok()) {
      answers.push_back(query.status());
      continue;
    }
    answers.push_back(CheckOne(facts, caller, *query));
    // With incomplete facts the other queries run too, so that one load fetches the facts that all of them need.
    // The issuer of one subject may be away, which is no reason to refuse the others.
    const absl::Status& status = answers.back().status();
    if (!status.ok() && !facts.incomplete() && ReasonOf(status) != ErrorReason::kProviderUnavailable) return status;
  }
  return answers;
}

absl::StatusOr<Authorizer::Answers> Authorizer::Check(const RequestContext& context, const Caller& caller,
                                                      absl::Span<const absl::StatusOr<CheckQuery>> queries,
                                                      const Freshness& freshness) const {
  const auto check_all = [&](Facts& facts) { return CheckAll(facts, caller, queries); };
  ASSIGN_OR_RETURN(Answers answers, view_.Read(context, freshness, check_all));
  // Only after the read, which may run several times.
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok()) continue;
    CountRequest(context, caller, *queries[i], *answers[i]);
    metrics_.decisions.Add(static_cast<size_t>(answers[i]->decision.reason));
  }
  return answers;
}

}  // namespace identity
