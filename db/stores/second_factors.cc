#include "db/stores/second_factors.h"

#include <utility>

#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::second_factors {
namespace {

#define TOTP_COLUMNS \
  "sealed_secret, master_key_id, confirm_time IS NOT NULL AS confirmed, last_step, clock_timestamp() AS now"

absl::optional<Totp> ReadTotp(const Rows& rows) {
  if (rows.empty()) return absl::nullopt;
  const Rows::Row row = rows[0];
  return Totp{row.Bytes("sealed_secret"), row.Text("master_key_id"), row.Bool("confirmed"), row.Int("last_step"),
              row.Time("now")};
}

}  // namespace

absl::Status Enroll(Transaction& transaction, const PrincipalId& id, absl::string_view sealed_secret,
                    absl::string_view master_key_id) {
  static constexpr Statement kForget = {"forget_unconfirmed_totp",
                                        "DELETE FROM totp_factors WHERE principal_id = $1 AND confirm_time IS NULL"};
  static constexpr Statement kEnroll = {
      "enroll_totp",
      "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id) VALUES ($1, $2, $3) "
      "ON CONFLICT (principal_id) DO NOTHING"};
  RETURN_IF_ERROR(transaction.Execute(kForget, Params().Add(id)).status());
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kEnroll, Params().Add(id).AddBytes(sealed_secret).Add(master_key_id)));
  if (rows.affected() > 0) return absl::OkStatus();
  return Error(ErrorReason::kAlreadyExists, "the account has a second factor; disable it first");
}

absl::StatusOr<absl::optional<Totp>> Find(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kFind = {"find_totp",
                                      "SELECT " TOTP_COLUMNS " FROM totp_factors WHERE principal_id = $1 FOR UPDATE"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  return ReadTotp(rows);
}

absl::Status Confirm(Transaction& transaction, const PrincipalId& id, int64_t step, const SessionId& session) {
  static constexpr Statement kConfirm = {
      "confirm_totp",
      "UPDATE totp_factors SET confirm_time = clock_timestamp(), last_step = $2, failures = 0,"
      "  blocked_until = '-infinity', confirm_session_time = (SELECT $4::timestamptz FROM sessions WHERE id = $3) "
      "WHERE principal_id = $1"};
  // An id has whole milliseconds. A role of the same one counts as older.
  const absl::Time begin = TimeOf(session.uuid()) + absl::Milliseconds(1);
  return transaction.Execute(kConfirm, Params().Add(id).Add(step).Add(session).Add(begin)).status();
}

absl::StatusOr<bool> CountsFor(Transaction& transaction, const PrincipalId& id, const std::vector<std::string>& roles) {
  if (roles.empty()) return true;
  static constexpr Statement kCounts = {
      "second_factor_counts",
      "SELECT EXISTS (SELECT FROM totp_factors t WHERE t.principal_id = $1 AND (t.trust_time IS NOT NULL"
      "  OR t.confirm_time <= clock_timestamp() - interval '24 hours'"
      "  OR t.confirm_session_time IS NOT NULL AND NOT EXISTS (SELECT FROM bindings b WHERE b.principal_id = $1"
      "    AND b.role = ANY ($2::text[]) AND b.create_time <= t.confirm_session_time))) AS counts"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kCounts, Params().Add(id).AddTexts(roles)));
  return rows[0].Bool("counts");
}

absl::StatusOr<bool> Trust(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kTrust = {
      "trust_second_factor",
      "UPDATE totp_factors SET trust_time = clock_timestamp() WHERE principal_id = $1 AND confirm_time IS NOT NULL"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kTrust, Params().Add(id)));
  return rows.affected() > 0;
}

absl::StatusOr<bool> Remove(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kRemove = {
      "remove_second_factors",
      "WITH codes AS (DELETE FROM recovery_codes WHERE principal_id = $1), "
      "challenges AS (DELETE FROM mfa_challenges WHERE principal_id = $1), "
      "shown AS (UPDATE sessions SET amr = array_remove(array_remove(amr, 'mfa'), 'otp')"
      "  WHERE principal_id = $1 AND amr && '{mfa,otp}') "
      "DELETE FROM totp_factors WHERE principal_id = $1"};
  // A login or step-up that spends a code at this moment must have written its session before.
  RETURN_IF_ERROR(Find(transaction, id).status());
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRemove, Params().Add(id)));
  return rows.affected() > 0;
}

absl::StatusOr<absl::optional<Try>> ReserveTry(Transaction& transaction, const PrincipalId& id, bool confirmed,
                                               const Lockout& lockout) {
  static constexpr Statement kReserve = {
      "reserve_totp_try",
      "UPDATE totp_factors SET failures = failures + 1,"
      "  blocked_until = " LOCKED_UNTIL("blocked_until", "failures", "$2", "$3", "$4") " "
      "WHERE principal_id = $1 AND (confirm_time IS NOT NULL) = $5 AND blocked_until <= clock_timestamp() "
      "RETURNING failures, CASE WHEN failures >= $2 THEN blocked_until END AS block_end, " TOTP_COLUMNS};
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(
          kReserve,
          Params().Add(id).Add(lockout.free_guesses).Add(lockout.first_lock).Add(lockout.longest_lock).Add(confirmed)));
  absl::optional<Totp> totp = ReadTotp(rows);
  if (!totp) return absl::optional<Try>();
  return absl::make_optional(Try{*std::move(totp), rows[0].Int("failures"), rows[0].OptionalTime("block_end")});
}

absl::Status Accept(Transaction& transaction, const PrincipalId& id, int64_t step) {
  static constexpr Statement kAccept = {
      "accept_totp_step",
      "UPDATE totp_factors SET last_step = $2, failures = 0, blocked_until = '-infinity' "
      "WHERE principal_id = $1 AND last_step < $2"};
  return transaction.Execute(kAccept, Params().Add(id).Add(step)).status();
}

absl::Status ReplaceRecoveryCodes(Transaction& transaction, const PrincipalId& id,
                                  const std::vector<std::string>& hashes) {
  static constexpr Statement kForget = {"forget_recovery_codes", "DELETE FROM recovery_codes WHERE principal_id = $1"};
  static constexpr Statement kInsert = {"insert_recovery_code",
                                        "INSERT INTO recovery_codes (principal_id, hash) VALUES ($1, $2)"};
  RETURN_IF_ERROR(transaction.Execute(kForget, Params().Add(id)).status());
  for (const std::string& hash : hashes) {
    RETURN_IF_ERROR(transaction.Execute(kInsert, Params().Add(id).AddBytes(hash)).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> SpendRecoveryCode(Transaction& transaction, const PrincipalId& id, absl::string_view hash) {
  static constexpr Statement kSpend = {
      "spend_recovery_code",
      "DELETE FROM recovery_codes c USING totp_factors t WHERE c.principal_id = $1 AND c.hash = $2 "
      "AND t.principal_id = c.principal_id AND t.confirm_time IS NOT NULL"};
  RETURN_IF_ERROR(Find(transaction, id).status());  // see Remove
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kSpend, Params().Add(id).AddBytes(hash)));
  return rows.affected() > 0;
}

absl::Status Unlock(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kUnlock = {
      "unlock_second_factor",
      "UPDATE totp_factors SET failures = 0, blocked_until = '-infinity' WHERE principal_id = $1"};
  return transaction.Execute(kUnlock, Params().Add(id)).status();
}

absl::StatusOr<bool> IsEnabled(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kIs = {
      "is_second_factor_enabled",
      "SELECT EXISTS (SELECT FROM totp_factors WHERE principal_id = $1 AND confirm_time IS NOT NULL) AS enabled"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kIs, Params().Add(id)));
  return rows[0].Bool("enabled");
}

absl::StatusOr<absl::optional<StoredChallenge>> InsertChallenge(Transaction& transaction, const NewChallenge& challenge,
                                                                absl::Duration lifetime) {
  static constexpr Statement kInsert = {
      "insert_mfa_challenge",
      "INSERT INTO mfa_challenges (id, hash, principal_id, epoch, client_id, audience, scopes, amr,"
      "  password_change_required, user_agent, device_name, trusted_device, expire_time, identity_issuer,"
      "  identity_subject, identity_label) "
      "SELECT uuid_v7(), $3, p.id, p.epoch, $4, $5, $6, $12, $7, $8, $9, $10, clock_timestamp() + $11::interval,"
      "  $13, $14, $15 "
      "FROM principals p LEFT JOIN passwords w ON w.principal_id = p.id "
      "WHERE p.id = $1 AND p.disabled_time IS NULL AND ($2::timestamptz IS NULL OR w.change_time = $2) "
      "RETURNING id, expire_time"};
  const absl::optional<PendingIdentity>& identity = challenge.identity;
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(kInsert, Params()
                                       .Add(challenge.principal_id)
                                       .Add(challenge.password_change_time)
                                       .AddBytes(challenge.hash)
                                       .Add(challenge.client_id)
                                       .Add(challenge.audience)
                                       .AddTexts(challenge.scopes.ToStrings())
                                       .Add(challenge.password_change_required)
                                       .Add(challenge.user_agent)
                                       .Add(challenge.device_name)
                                       .Add(challenge.trusted_device)
                                       .Add(lifetime)
                                       .AddTexts(challenge.amr)
                                       .Add(identity ? absl::make_optional(identity->key.issuer) : absl::nullopt)
                                       .Add(identity ? absl::make_optional(identity->key.subject) : absl::nullopt)
                                       .Add(identity ? absl::make_optional(identity->label) : absl::nullopt)));
  if (rows.empty()) return absl::optional<StoredChallenge>();
  return absl::optional<StoredChallenge>({ChallengeId(rows[0].Id("id")), rows[0].Time("expire_time")});
}

absl::StatusOr<absl::optional<OpenChallenge>> TryChallenge(Transaction& transaction, const ChallengeId& id,
                                                           absl::string_view hash, int64_t max_tries) {
  static constexpr Statement kTry = {
      "try_mfa_challenge",
      "UPDATE mfa_challenges c SET tries = tries + 1 FROM principals p "
      "WHERE c.id = $1 AND c.hash = $2 AND c.tries < $3 AND c.expire_time > clock_timestamp() "
      "AND p.id = c.principal_id AND p.disabled_time IS NULL AND p.epoch = c.epoch "
      "RETURNING c.principal_id, c.scopes, c.audience, c.trusted_device, coalesce(c.identity_issuer, '') AS issuer,"
      " coalesce(c.identity_subject, '') AS subject, coalesce(c.identity_label, '') AS label"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kTry, Params().Add(id).AddBytes(hash).Add(max_tries)));
  if (rows.empty()) return absl::optional<OpenChallenge>();
  const auto& row = rows[0];
  ASSIGN_OR_RETURN(Scopes scopes, Scopes::ParseStored(row.Texts("scopes")));
  OpenChallenge open = {PrincipalId(row.Id("principal_id")), std::move(scopes), row.Text("audience"),
                        row.Bool("trusted_device"), absl::nullopt};
  if (std::string issuer = row.Text("issuer"); !issuer.empty()) {
    open.identity = PendingIdentity{{std::move(issuer), row.Text("subject")}, row.Text("label")};
  }
  return absl::make_optional(std::move(open));
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kChallenges = {
      "clean_mfa_challenges",
      "DELETE FROM mfa_challenges WHERE id IN (SELECT id FROM mfa_challenges WHERE expire_time < clock_timestamp() "
      "LIMIT $1 FOR UPDATE SKIP LOCKED)"};
  static constexpr Statement kApps = {
      "clean_unconfirmed_totp",
      "DELETE FROM totp_factors WHERE principal_id IN (SELECT principal_id FROM totp_factors "
      "WHERE confirm_time IS NULL AND create_time < clock_timestamp() - interval '1 day' LIMIT $1 "
      "FOR UPDATE SKIP LOCKED)"};
  ASSIGN_OR_RETURN(const Rows challenges, transaction.Execute(kChallenges, Params().Add(limit)));
  ASSIGN_OR_RETURN(const Rows apps, transaction.Execute(kApps, Params().Add(limit)));
  return challenges.affected() + apps.affected();
}

}  // namespace identity::second_factors
