#include "db/stores/passwords.h"

#include "absl/hash/hash.h"
#include "server/base/status_macros.h"

namespace identity::passwords {
namespace {

// A concurrent guess makes this UPDATE wait and then read the row again, so no two guesses count as one. `where`
// selects the account by $1, always in the same way: otherwise PostgreSQL would plan the statement in each login.
#define RESERVE_GUESS(where) \
  "WITH account AS ("                                                                                          \
  "  SELECT p.id, p.disabled_time IS NOT NULL AS disabled, u.email_verify_time IS NOT NULL AS verified"        \
  "    FROM principals p JOIN users u USING (id) WHERE " where                                                 \
  "), "                                                                                                        \
  "reserved AS ("                                                                                              \
  "  UPDATE passwords w SET failures = failures + 1,"                                                          \
  "    locked_until = " LOCKED_UNTIL("w.locked_until", "w.failures", "$2", "$3", "$4")                         \
  "   FROM account"                                                                                            \
  "   WHERE w.principal_id = account.id AND NOT account.disabled AND w.locked_until <= clock_timestamp()"      \
  "   RETURNING w.principal_id, w.hash, w.change_time, w.one_time, w.failures,"                                \
  "     CASE WHEN w.failures >= $2 THEN w.locked_until END AS lock_end), "                                     \
  "decoy AS ("                                                                                                 \
  "  UPDATE decoy_guesses SET guesses = guesses + 1 WHERE bucket = $5 AND NOT EXISTS (SELECT FROM reserved)) " \
  "SELECT account.id, account.disabled, account.verified, reserved.*,"                                         \
  "  EXISTS (SELECT FROM passwords w WHERE w.principal_id = account.id) AS has_password,"                      \
  "  EXISTS (SELECT FROM totp_factors t"                                                                       \
  "    WHERE t.principal_id = reserved.principal_id AND t.confirm_time IS NOT NULL) AS mfa"                    \
  "  FROM account LEFT JOIN reserved ON reserved.principal_id = account.id"

Reservation ReadReservation(const Rows& rows) {
  Reservation reservation;
  if (rows.empty()) return reservation;
  const Rows::Row row = rows[0];
  reservation.account = PrincipalId(row.Id("id"));
  if (!row.IsNull("principal_id")) {
    reservation.guess = ReadGuess(row);
    reservation.obstacle = Obstacle::kNone;
  } else if (row.Bool("disabled")) {
    reservation.obstacle = Obstacle::kDisabled;
  } else {
    reservation.obstacle = row.Bool("has_password") ? Obstacle::kLocked : Obstacle::kNoPassword;
  }
  return reservation;
}

// A text that is no login name is looked up as the username "", which no account has.
const Statement& ReserveBy(const LoginName& login) {
  static constexpr Statement kByUsername = {"reserve_guess_by_username",
                                            RESERVE_GUESS("p.type = 'user' AND p.username = $1")};
  static constexpr Statement kByEmail = {"reserve_guess_by_email", RESERVE_GUESS("u.email_folded = $1")};
  return login.kind == LoginName::Kind::kEmail ? kByEmail : kByUsername;
}

Params ParamsOf(absl::string_view key, const Lockout& lockout, int64_t bucket) {
  return Params().Add(key).Add(lockout.free_guesses).Add(lockout.first_lock).Add(lockout.longest_lock).Add(bucket);
}

Params ParamsOf(const LoginName& login, const Lockout& lockout) {
  return ParamsOf(login.folded, lockout, static_cast<int64_t>(absl::HashOf(login.folded) % 256));
}

}  // namespace

Guess ReadGuess(const Rows::Row& row) {
  Guess guess;
  guess.id = PrincipalId(row.Id("principal_id"));
  guess.hash = row.Text("hash");
  guess.change_time = row.Time("change_time");
  guess.one_time = row.Bool("one_time");
  guess.mfa = row.Bool("mfa");
  guess.email_verified = row.Bool("verified");
  guess.failures = row.Int("failures");
  guess.lock_end = row.OptionalTime("lock_end");
  return guess;
}

absl::Status Insert(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash, bool one_time) {
  static constexpr Statement kInsert = {"insert_password",
                                        "INSERT INTO passwords (principal_id, hash, one_time) VALUES ($1, $2, $3)"};
  return transaction.Execute(kInsert, Params().Add(id).Add(hash.text()).Add(one_time)).status();
}

absl::StatusOr<bool> Set(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash,
                         const absl::optional<absl::Time>& verified_change_time) {
  static constexpr Statement kSet = {
      "set_password",
      "INSERT INTO passwords AS w (principal_id, hash) VALUES ($1, $2) ON CONFLICT (principal_id) DO UPDATE "
      "SET hash = excluded.hash, one_time = false, change_time = clock_timestamp(), failures = 0,"
      "  locked_until = '-infinity' WHERE $3::timestamptz IS NULL OR w.change_time = $3"};
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kSet, Params().Add(id).Add(hash.text()).Add(verified_change_time)));
  return rows.affected() > 0;
}

absl::Status SetOneTime(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash) {
  static constexpr Statement kSet = {
      "set_one_time_password",
      "INSERT INTO passwords (principal_id, hash, one_time) VALUES ($1, $2, true) ON CONFLICT (principal_id) DO UPDATE "
      "SET hash = excluded.hash, one_time = true, change_time = clock_timestamp(), failures = 0,"
      "  locked_until = '-infinity'"};
  return transaction.Execute(kSet, Params().Add(id).Add(hash.text())).status();
}

absl::Status Rehash(Transaction& transaction, const PrincipalId& id, const PasswordHash& old_hash,
                    const PasswordHash& new_hash) {
  static constexpr Statement kRehash = {"rehash_password",
                                        "UPDATE passwords SET hash = $3 WHERE principal_id = $1 AND hash = $2"};
  return transaction.Execute(kRehash, Params().Add(id).Add(old_hash.text()).Add(new_hash.text())).status();
}

absl::StatusOr<std::vector<std::string>> Sample(Transaction& transaction) {
  // PostgreSQL estimates the number of rows, and does not know it for a new table.
  static constexpr Statement kSample = {
      "sample_passwords",
      "SELECT hash FROM passwords TABLESAMPLE SYSTEM ((SELECT least(100, 100000 / greatest(reltuples, 1))"
      "  FROM pg_class WHERE oid = 'passwords'::regclass)) LIMIT 2000"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kSample, Params()));
  std::vector<std::string> hashes;
  for (size_t i = 0; i < rows.size(); ++i) hashes.push_back(rows[i].Text("hash"));
  return hashes;
}

absl::StatusOr<Reservation> ReserveGuess(Transaction& transaction, const LoginName& login, const Lockout& lockout) {
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(ReserveBy(login), ParamsOf(login, lockout)));
  return ReadReservation(rows);
}

absl::StatusOr<Reservation> ReserveGuess(Database& database, const RequestContext& context, const LoginName& login,
                                         const Lockout& lockout) {
  ASSIGN_OR_RETURN(const Rows rows, database.Execute(context, ReserveBy(login), ParamsOf(login, lockout)));
  return ReadReservation(rows);
}

absl::StatusOr<Reservation> ReserveGuess(Transaction& transaction, const PrincipalId& id, const Lockout& lockout) {
  static constexpr Statement kReserve = {"reserve_guess_by_id", RESERVE_GUESS("p.id = $1")};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kReserve, ParamsOf(id.ToString(), lockout, 0)));
  return ReadReservation(rows);
}

absl::Status ForgetGuesses(Transaction& transaction, const PrincipalId& id, absl::Time verified_change_time) {
  static constexpr Statement kForget = {
      "forget_guesses",
      "UPDATE passwords SET failures = 0, locked_until = '-infinity' WHERE principal_id = $1 AND change_time = $2"};
  return transaction.Execute(kForget, Params().Add(id).Add(verified_change_time)).status();
}

absl::StatusOr<bool> Exists(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kExists = {"password_exists", "SELECT FROM passwords WHERE principal_id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kExists, Params().Add(id)));
  return !rows.empty();
}

absl::Status Unlock(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kUnlock = {
      "unlock_password", "UPDATE passwords SET failures = 0, locked_until = '-infinity' WHERE principal_id = $1"};
  return transaction.Execute(kUnlock, Params().Add(id)).status();
}

}  // namespace identity::passwords
