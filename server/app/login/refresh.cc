#include "server/app/login/refresh.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/sealed_box.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr absl::Duration kRevocationTimeout = absl::Seconds(2);

absl::Status RefreshTokenInvalid() {
  return Error(ErrorReason::kRefreshTokenInvalid, "refresh_token: is unknown or expired, or its session has ended");
}

// The parent's row keeps the child's secret, sealed under a key that only a holder of the parent can derive.
Secret ChildKey(const OpaqueToken& parent) { return DeriveKey(parent.secret(), "refresh.child"); }
std::string ChildContext(const OpaqueToken& parent) { return absl::StrCat("refresh_token:", parent.id().ToString()); }

}  // namespace

// The next refresh token of a session. Move-only.
struct Refresher::Child {
  sessions::Session session;
  sessions::StoredRefreshToken stored;
  Secret secret;
};

// The token is unknown or expired, or its session has ended.
struct Refresher::Invalid {};

// The token was spent before, and retries no longer get its child.
struct Refresher::Reused {
  SessionId session_id;
  PrincipalId principal_id;
};

struct Refresher::Granted {
  Child child;
  PrincipalFacts principal;
  Scopes scopes;
};

absl::StatusOr<TokenSet> Refresher::Refresh(const RequestContext& context, const Caller& caller,
                                            const Request& request) {
  RETURN_IF_ERROR(throttle_.CountCallFor(context, caller, request.client_info));
  const auto parent = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, request.refresh_token.Reveal());
  if (!parent) return RefreshTokenInvalid();
  ASSIGN_OR_RETURN(Outcome outcome, database_.Write(context, [&](Transaction& transaction) {
    return TryRefresh(transaction, caller, *parent, request);
  }));
  if (std::holds_alternative<Invalid>(outcome)) return RefreshTokenInvalid();
  if (const auto* reused = std::get_if<Reused>(&outcome)) {
    RETURN_IF_ERROR(EndReusedFamily(caller, *reused));
    return Error(ErrorReason::kRefreshTokenReused, "refresh_token: was already spent; its session has been ended");
  }
  auto& [child, principal, scopes] = std::get<Granted>(outcome);
  return issuer_.ForSession(child.session, principal, scopes, std::move(child.secret), child.stored);
}

absl::StatusOr<Refresher::Outcome> Refresher::TryRefresh(Transaction& transaction, const Caller& caller,
                                                         const OpaqueToken& parent, const Request& request) const {
  ASSIGN_OR_RETURN(absl::optional<Child> child, Spend(transaction, parent));
  StoredFacts facts(transaction);
  if (!child) return RepeatLostReply(facts, parent, request);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
  RETURN_IF_ERROR(Audit(transaction, caller, client,
                        {audit::EventType::kRefresh, child->session.principal_id, child->session.id.ToString()}));
  return Grant(facts, *std::move(child), request);
}

// Returns nullopt when the parent cannot be spent.
absl::StatusOr<absl::optional<Refresher::Child>> Refresher::Spend(Transaction& transaction,
                                                                  const OpaqueToken& parent) const {
  Secret secret(RandomBytes(kTokenSecretBytes));
  const std::string sealed =
      Seal(ChildKey(parent), secret.Reveal(), ChildContext(parent), RandomBytes(kSealNonceBytes));
  ASSIGN_OR_RETURN(
      absl::optional<sessions::SessionAndToken> spent,
      sessions::Spend(transaction, {RefreshTokenId(parent.id()), parent.Hash(), Fingerprint(secret), sealed},
                      lifetimes_));
  if (!spent) return absl::optional<Child>();
  return absl::make_optional(Child{std::move(spent->session), spent->token, std::move(secret)});
}

// For a parent that cannot be spent: grants its child once more to a client that lost the reply.
absl::StatusOr<Refresher::Outcome> Refresher::RepeatLostReply(StoredFacts& facts, const OpaqueToken& parent,
                                                              const Request& request) {
  ASSIGN_OR_RETURN(absl::optional<sessions::SpentToken> found,
                   sessions::FindSpent(facts.transaction(), RefreshTokenId(parent.id()), parent.Hash(), kRetryGrace));
  if (!found || !found->alive || !found->spent) return Outcome(Invalid{});
  if (!found->child_open) return Outcome(Reused{found->session.id, found->session.principal_id});
  absl::optional<Secret> secret = Open(ChildKey(parent), found->sealed_child, ChildContext(parent));
  if (!secret) return Error(ErrorReason::kInternal, "a refresh token's sealed child does not open");
  return Grant(facts, {std::move(found->session), found->child, *std::move(secret)}, request);
}

// An error rolls the transaction back, so the parent is not spent.
absl::StatusOr<Refresher::Outcome> Refresher::Grant(Facts& facts, Child child, const Request& request) {
  const sessions::Session& session = child.session;
  Scopes scopes = request.scopes ? request.scopes->Intersect(session.scopes) : session.scopes;
  if (scopes.empty()) {
    return Error(ErrorReason::kInvalidScope, "scopes: the session has none of them; this call spent no token");
  }
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(session.principal_id));
  if (!principal) return RefreshTokenInvalid();
  return Outcome(Granted{std::move(child), *std::move(principal), std::move(scopes)});
}

// Uses its own deadline, and no authority of the caller. A thief that presents a spent token cannot stop this by
// hanging up, or by having the call's credential revoked.
absl::Status Refresher::EndReusedFamily(const Caller& caller, const Reused& reused) {
  const RequestContext context{absl::Now() + kRevocationTimeout};
  Caller anonymous = caller;
  anonymous.subject.reset();
  const auto revoke = [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const bool revoked, sessions::Revoke(mutation.transaction(), reused.session_id));
    if (!revoked) {
      mutation.Discard();
      return absl::OkStatus();
    }
    mutation.Changed(reused.session_id);
    mutation.Audit({audit::EventType::kRefreshTokenReused, reused.principal_id, reused.session_id.ToString()});
    return absl::OkStatus();
  };
  return mutations_.Run(context, anonymous, revoke).status();
}

}  // namespace identity
