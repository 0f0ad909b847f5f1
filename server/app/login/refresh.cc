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

// What a refresh grants. Move-only.
struct Refresher::Granted {
  sessions::Spent spent;
  Secret secret;  // of the child
  Scopes scopes;
};

// The token was spent before, and retries no longer get its child.
struct Refresher::Reused {
  SessionId session_id;
  PrincipalId principal_id;
};

absl::StatusOr<TokenSet> Refresher::Refresh(const RequestContext& context, const Caller& caller,
                                            const Request& request) {
  RETURN_IF_ERROR(throttle_.CountCallFor(context, caller, request.client_info));
  const auto parent = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, request.refresh_token.Reveal());
  if (!parent) return RefreshTokenInvalid();
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(context, view_, caller, request.client_info));
  ASSIGN_OR_RETURN(absl::optional<Granted> granted, Spend(context, caller, client, *parent, request));
  if (!granted) {
    ASSIGN_OR_RETURN(Outcome outcome, database_.Read(context, [&](Transaction& transaction) {
      return RepeatLostReply(transaction, *parent, request);
    }));
    if (std::holds_alternative<Invalid>(outcome)) return RefreshTokenInvalid();
    if (const auto* reused = std::get_if<Reused>(&outcome)) {
      RETURN_IF_ERROR(EndReusedFamily(caller, *reused));
      return Error(ErrorReason::kRefreshTokenReused, "refresh_token: was already spent; its session has been ended");
    }
    granted = std::get<Granted>(std::move(outcome));
  }
  auto& [spent, secret, scopes] = *granted;
  return issuer_.ForSession(spent.session, spent.principal, scopes, std::move(secret), spent.child);
}

// Returns nullopt when the parent cannot be spent.
absl::StatusOr<absl::optional<Refresher::Granted>> Refresher::Spend(const RequestContext& context, const Caller& caller,
                                                                    const ClientInfo& client, const OpaqueToken& parent,
                                                                    const Request& request) const {
  Secret secret(RandomBytes(kTokenSecretBytes));
  const std::string sealed =
      Seal(ChildKey(parent), secret.Reveal(), ChildContext(parent), RandomBytes(kSealNonceBytes));
  const sessions::Spending spending = {RefreshTokenId(parent.id()), parent.Hash(), Fingerprint(secret), sealed,
                                       EventOf(caller, client, {audit::EventType::kRefresh})};
  if (!request.scopes) {
    ASSIGN_OR_RETURN(absl::optional<sessions::Spent> spent, sessions::Spend(database_, context, spending, lifetimes_));
    if (!spent) return absl::optional<Granted>();
    Scopes scopes = spent->session.scopes;
    return absl::make_optional(Granted{*std::move(spent), std::move(secret), std::move(scopes)});
  }
  // An error rolls the transaction back, so the parent is not spent.
  struct Narrowed {
    sessions::Spent spent;
    Scopes scopes;
  };
  const auto spend = [&](Transaction& transaction) -> absl::StatusOr<absl::optional<Narrowed>> {
    ASSIGN_OR_RETURN(absl::optional<sessions::Spent> spent, sessions::Spend(transaction, spending, lifetimes_));
    if (!spent) return absl::optional<Narrowed>();
    ASSIGN_OR_RETURN(Scopes scopes, ScopesOf(spent->session, request));
    return absl::make_optional(Narrowed{*std::move(spent), std::move(scopes)});
  };
  ASSIGN_OR_RETURN(absl::optional<Narrowed> narrowed, database_.Write(context, spend));
  if (!narrowed) return absl::optional<Granted>();
  return absl::make_optional(Granted{std::move(narrowed->spent), std::move(secret), std::move(narrowed->scopes)});
}

absl::StatusOr<Scopes> Refresher::ScopesOf(const sessions::Session& session, const Request& request) {
  Scopes scopes = request.scopes ? request.scopes->Intersect(session.scopes) : session.scopes;
  if (!scopes.empty()) return scopes;
  return Error(ErrorReason::kInvalidScope, "scopes: the session has none of them; this call spent no token");
}

// For a parent that cannot be spent: grants its child once more to a client that lost the reply.
absl::StatusOr<Refresher::Outcome> Refresher::RepeatLostReply(Transaction& transaction, const OpaqueToken& parent,
                                                              const Request& request) {
  ASSIGN_OR_RETURN(absl::optional<sessions::SpentToken> found,
                   sessions::FindSpent(transaction, RefreshTokenId(parent.id()), parent.Hash(), kRetryGrace));
  if (!found || !found->alive || !found->spent) return Outcome(Invalid{});
  if (!found->child_open) return Outcome(Reused{found->session.id, found->session.principal_id});
  absl::optional<Secret> secret = Open(ChildKey(parent), found->sealed_child, ChildContext(parent));
  if (!secret) return Error(ErrorReason::kInternal, "a refresh token's sealed child does not open");
  ASSIGN_OR_RETURN(Scopes scopes, ScopesOf(found->session, request));
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal,
                   StoredFacts(transaction).Principal(found->session.principal_id));
  if (!principal) return Outcome(Invalid{});
  sessions::Spent spent = {std::move(found->session), found->child, *std::move(principal)};
  return Outcome(Granted{std::move(spent), *std::move(secret), std::move(scopes)});
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
