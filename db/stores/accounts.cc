#include "db/stores/accounts.h"

#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "db/stores/second_factors.h"
#include "db/stores/trusted_devices.h"
#include "server/base/enum_names.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::accounts {
namespace {

#define ACCOUNT_COLUMNS                                                                                       \
  "p.id, p.username, u.email, u.email_folded IS NOT NULL AS email_owned, u.email_verify_time IS NOT NULL AS " \
  "verified, "                                                                                                \
  "u.ever_verified, u.pending_email, u.full_name, p.disabled_time IS NOT NULL AS disabled, p.create_time, "   \
  "u.last_login_time, "                                                                                       \
  "EXISTS (SELECT FROM totp_factors t WHERE t.principal_id = p.id AND t.confirm_time IS NOT NULL) AS mfa, "   \
  "(SELECT count(*) FROM recovery_codes r WHERE r.principal_id = p.id) AS recovery_codes, "                   \
  "ARRAY(SELECT b.role FROM bindings b WHERE b.principal_id = p.id AND b.resource = '' "                      \
  "AND b.expire_time > clock_timestamp() ORDER BY b.role) AS roles "                                          \
  "FROM principals p JOIN users u USING (id)"

absl::optional<Account> ReadAccount(const Rows& rows) {
  if (rows.empty()) return absl::nullopt;
  const Rows::Row row = rows[0];
  Account account;
  account.id = PrincipalId(row.Id("id"));
  account.username = row.Text("username");
  account.email = row.Text("email");
  account.email_owned = row.Bool("email_owned");
  account.email_verified = row.Bool("verified");
  account.ever_verified = account.email_verified || row.Bool("ever_verified");
  account.pending_email = row.Text("pending_email");
  account.full_name = row.Text("full_name");
  account.disabled = row.Bool("disabled");
  account.create_time = row.Time("create_time");
  account.last_login_time = row.OptionalTime("last_login_time");
  account.mfa_enabled = row.Bool("mfa");
  account.recovery_codes = row.Int("recovery_codes");
  account.roles = row.Texts("roles");
  return account;
}

absl::Status EmailTaken() { return Error(ErrorReason::kAlreadyExists, "email: is taken"); }

constexpr EnumName<MailedPurpose> kPurposes[] = {{MailedPurpose::kVerifyEmail, "verify_email"},
                                                 {MailedPurpose::kResetPassword, "reset_password"}};
static_assert(NamesEach(kPurposes, MailedPurpose::kResetPassword));

absl::optional<MailedToken> ReadMailedToken(const Rows& rows) {
  if (rows.empty()) return absl::nullopt;
  return MailedToken{PrincipalId(rows[0].Id("principal_id")), rows[0].Text("email")};
}

}  // namespace

absl::StatusOr<absl::optional<Account>> Find(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kFind = {"find_account", "SELECT " ACCOUNT_COLUMNS " WHERE p.id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  return ReadAccount(rows);
}

absl::StatusOr<absl::optional<Account>> Find(Transaction& transaction, const LoginName& login) {
  static constexpr Statement kByUsername = {"find_account_by_username",
                                            "SELECT " ACCOUNT_COLUMNS " WHERE p.type = 'user' AND p.username = $1"};
  static constexpr Statement kByEmail = {"find_account_by_email",
                                         "SELECT " ACCOUNT_COLUMNS " WHERE u.email_folded = $1"};
  if (login.kind == LoginName::Kind::kNone) return absl::optional<Account>();
  const Statement& find = login.kind == LoginName::Kind::kEmail ? kByEmail : kByUsername;
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(find, Params().Add(login.folded)));
  return ReadAccount(rows);
}

absl::StatusOr<PrincipalId> InsertClaiming(Transaction& transaction, const NewAccount& account) {
  static constexpr Statement kPrincipal = {"insert_claiming_principal",
                                           "INSERT INTO principals (type, username) VALUES ('user', $1) "
                                           "ON CONFLICT DO NOTHING RETURNING id"};
  static constexpr Statement kUser = {"insert_claiming_user",
                                      "INSERT INTO users (id, email, full_name) VALUES ($1, $2, $3)"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kPrincipal, Params().Add(account.username)));
  if (rows.empty()) return Error(ErrorReason::kAlreadyExists, "username: is taken");
  const PrincipalId id(rows[0].Id("id"));
  RETURN_IF_ERROR(transaction.Execute(kUser, Params().Add(id).Add(account.email).Add(account.full_name)).status());
  return id;
}

absl::Status SetPendingEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email) {
  static constexpr Statement kSet = {"set_pending_email", "UPDATE users SET pending_email = $2 WHERE id = $1"};
  return transaction.Execute(kSet, Params().Add(id).Add(email)).status();
}

absl::Status ForgetPendingEmail(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kForget = {
      "forget_pending_email",
      "WITH tokens AS (DELETE FROM mailed_tokens t USING users u WHERE t.principal_id = $1 AND u.id = $1 "
      "  AND t.purpose = 'verify_email' AND t.email <> u.email) "
      "UPDATE users SET pending_email = NULL WHERE id = $1"};
  return transaction.Execute(kForget, Params().Add(id)).status();
}

absl::Status SetUnverifiedEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email,
                                absl::string_view folded) {
  static constexpr Statement kSet = {
      "set_unverified_email",
      "WITH tokens AS (DELETE FROM mailed_tokens WHERE principal_id = $1) "
      "UPDATE users SET email = $2, email_folded = $3, ever_verified = ever_verified OR email_verify_time IS NOT NULL, "
      "email_verify_time = NULL, pending_email = NULL WHERE id = $1 "
      "AND NOT EXISTS (SELECT FROM users other WHERE other.email_folded = $3 AND other.id <> $1)"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kSet, Params().Add(id).Add(email).Add(folded)));
  return rows.affected() > 0 ? absl::OkStatus() : EmailTaken();
}

absl::Status SetVerifiedEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email,
                              absl::string_view folded) {
  static constexpr Statement kDisown = {"disown_unverified_email",
                                        "UPDATE users SET email_folded = NULL WHERE email_folded = $2 AND id <> $1 "
                                        "AND email_verify_time IS NULL"};
  static constexpr Statement kSet = {
      "set_verified_email",
      "WITH tokens AS (DELETE FROM mailed_tokens WHERE principal_id = $1) "
      "UPDATE users SET email = $2, email_folded = $3, email_verify_time = clock_timestamp(), ever_verified = true, "
      "pending_email = NULL "
      "WHERE id = $1 AND NOT EXISTS (SELECT FROM users other WHERE other.email_folded = $3 AND other.id <> $1)"};
  RETURN_IF_ERROR(transaction.Execute(kDisown, Params().Add(id).Add(folded)).status());
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kSet, Params().Add(id).Add(email).Add(folded)));
  return rows.affected() > 0 ? absl::OkStatus() : EmailTaken();
}

absl::StatusOr<absl::optional<std::string>> FindOtherVerified(Transaction& transaction, const PrincipalId& id,
                                                              absl::string_view folded) {
  static constexpr Statement kFind = {"find_other_verified",
                                      "SELECT p.username FROM users u JOIN principals p USING (id) "
                                      "WHERE u.email_folded = $2 AND u.id <> $1 AND u.email_verify_time IS NOT NULL"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id).Add(folded)));
  if (rows.empty()) return absl::optional<std::string>();
  return absl::optional<std::string>(rows[0].Text("username"));
}

absl::Status SetFullName(Transaction& transaction, const PrincipalId& id, absl::string_view full_name) {
  static constexpr Statement kSet = {"set_full_name", "UPDATE users SET full_name = $2 WHERE id = $1"};
  return transaction.Execute(kSet, Params().Add(id).Add(full_name)).status();
}

absl::Status Unlock(Transaction& transaction, const PrincipalId& id) {
  RETURN_IF_ERROR(passwords::Unlock(transaction, id));
  RETURN_IF_ERROR(trusted_devices::Unlock(transaction, id));
  return second_factors::Unlock(transaction, id);
}

absl::StatusOr<int64_t> EndSessions(Transaction& transaction, const PrincipalId& id,
                                    const absl::optional<SessionId>& kept) {
  static constexpr Statement kCount = {
      "count_other_sessions",
      "SELECT count(*) AS n FROM sessions s JOIN principals p ON p.id = s.principal_id WHERE s.principal_id = $1 "
      "AND s.epoch = p.epoch AND s.revoke_time IS NULL AND s.expire_time > clock_timestamp() "
      "AND s.id IS DISTINCT FROM $2::uuid"};
  static constexpr Statement kRaise = {
      "raise_epoch_but_for_one",
      "WITH raised AS (UPDATE principals SET epoch = epoch + 1 WHERE id = $1 RETURNING id, epoch), "
      "pending AS (UPDATE users SET pending_email = NULL WHERE id = $1 AND pending_email IS NOT NULL), "
      "tokens AS (DELETE FROM mailed_tokens t USING users u WHERE t.principal_id = $1 AND u.id = $1 "
      "  AND (t.purpose = 'reset_password' OR t.email <> u.email)), "
      "challenges AS (DELETE FROM mfa_challenges WHERE principal_id = $1), "
      "devices AS (DELETE FROM trusted_devices WHERE principal_id = $1) "
      "UPDATE sessions s SET epoch = raised.epoch FROM raised "
      "WHERE s.id = $2::uuid AND s.principal_id = raised.id AND s.epoch = raised.epoch - 1"};
  RETURN_IF_ERROR(principals::LockForChange(transaction, id));
  ASSIGN_OR_RETURN(const Rows counted, transaction.Execute(kCount, Params().Add(id).Add(kept)));
  RETURN_IF_ERROR(transaction.Execute(kRaise, Params().Add(id).Add(kept)).status());
  return counted[0].Int("n");
}

absl::StatusOr<absl::optional<MailedTokenId>> InsertMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                                const PrincipalId& principal, absl::string_view email,
                                                                absl::string_view hash, absl::Duration lifetime) {
  static constexpr Statement kInsert = {
      "insert_mailed_token",
      "WITH others AS (DELETE FROM mailed_tokens WHERE principal_id = $3 AND purpose = $2 AND email <> $4) "
      "INSERT INTO mailed_tokens (id, hash, purpose, principal_id, email, expire_time) "
      "SELECT uuid_v7(), $1, $2, u.id, $4, clock_timestamp() + $5::interval FROM users u WHERE u.id = $3 RETURNING id"};
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(
          kInsert, Params().AddBytes(hash).Add(NameIn(kPurposes, purpose)).Add(principal).Add(email).Add(lifetime)));
  if (rows.empty()) return absl::optional<MailedTokenId>();
  return absl::make_optional(MailedTokenId(rows[0].Id("id")));
}

// A token that resets a password is good only for the present address. One for an earlier address exists when its
// request ran at the same time as the change.
#define IS_GOOD_TOKEN                                                                   \
  "t.id = $1 AND t.hash = $2 AND t.purpose = $3 AND t.expire_time > clock_timestamp() " \
  "AND p.disabled_time IS NULL AND (t.purpose <> 'reset_password' OR t.email = u.email)"

absl::StatusOr<absl::optional<MailedToken>> FindMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                            const MailedTokenId& id, absl::string_view hash) {
  static constexpr Statement kFind = {
      "find_mailed_token",
      "SELECT t.principal_id, t.email FROM mailed_tokens t JOIN principals p ON p.id = t.principal_id "
      "JOIN users u ON u.id = p.id WHERE " IS_GOOD_TOKEN};
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kFind, Params().Add(id).AddBytes(hash).Add(NameIn(kPurposes, purpose))));
  return ReadMailedToken(rows);
}

absl::StatusOr<absl::optional<MailedToken>> TakeMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                            const MailedTokenId& id, absl::string_view hash) {
  static constexpr Statement kTake = {
      "take_mailed_token",
      "DELETE FROM mailed_tokens t USING principals p, users u WHERE p.id = t.principal_id AND u.id = p.id "
      "AND " IS_GOOD_TOKEN " RETURNING t.principal_id, t.email"};
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kTake, Params().Add(id).AddBytes(hash).Add(NameIn(kPurposes, purpose))));
  return ReadMailedToken(rows);
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {
      "clean_mailed_tokens",
      "DELETE FROM mailed_tokens WHERE id IN (SELECT id FROM mailed_tokens WHERE expire_time < clock_timestamp() "
      "LIMIT $1)"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows.affected();
}

}  // namespace identity::accounts
