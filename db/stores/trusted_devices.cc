#include "db/stores/trusted_devices.h"

#include "server/base/status_macros.h"

namespace identity::trusted_devices {

absl::StatusOr<DeviceId> Insert(Transaction& transaction, const PrincipalId& owner, int64_t epoch,
                                absl::string_view hash) {
  static constexpr Statement kForget = {
      "forget_oldest_devices",
      "DELETE FROM trusted_devices WHERE id IN (SELECT id FROM trusted_devices WHERE principal_id = $1 "
      "ORDER BY expire_time DESC OFFSET $2)"};
  static constexpr Statement kInsert = {
      "insert_trusted_device",
      "INSERT INTO trusted_devices (id, principal_id, epoch, hash, expire_time) SELECT uuid_v7(), $1, $4, $2,"
      "  clock_timestamp() + $3::interval RETURNING id"};
  RETURN_IF_ERROR(transaction.Execute(kForget, Params().Add(owner).Add(kMostDevices - 1)).status());
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kInsert, Params().Add(owner).AddBytes(hash).Add(kLifetime).Add(epoch)));
  return DeviceId(rows[0].Id("id"));
}

absl::StatusOr<absl::optional<passwords::Guess>> ReserveGuess(Transaction& transaction, const LoginName& login,
                                                              const Presented& device, const Lockout& lockout) {
  static constexpr Statement kReserve = {
      "reserve_guess_of_device",
      "WITH reserved AS ("
      "  UPDATE trusted_devices d SET failures = failures + 1,"
      "    locked_until = " LOCKED_UNTIL("d.locked_until", "d.failures", "$5", "$6", "$7")
      "   FROM principals p JOIN users u USING (id)"
      "  WHERE d.id = $1 AND d.hash = $2 AND d.expire_time > clock_timestamp()"
      "    AND d.locked_until <= clock_timestamp() AND p.id = d.principal_id AND p.epoch = d.epoch"
      "    AND p.disabled_time IS NULL"
      "    AND (p.username = $3 OR u.email_folded = $4)"
      "  RETURNING d.principal_id, d.failures, CASE WHEN d.failures >= $5 THEN d.locked_until END AS lock_end,"
      "    u.email_verify_time IS NOT NULL AS verified) "
      "SELECT w.principal_id, w.hash, w.change_time, w.one_time, reserved.verified, reserved.failures,"
      "  reserved.lock_end, EXISTS (SELECT FROM totp_factors t"
      "  WHERE t.principal_id = w.principal_id AND t.confirm_time IS NOT NULL) AS mfa "
      "FROM reserved JOIN passwords w USING (principal_id)"};
  const bool email = login.kind == LoginName::Kind::kEmail;
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kReserve, Params()
                                                                      .Add(device.id)
                                                                      .AddBytes(device.hash)
                                                                      .Add(email ? "" : login.folded)
                                                                      .Add(email ? login.folded : "")
                                                                      .Add(lockout.free_guesses)
                                                                      .Add(lockout.first_lock)
                                                                      .Add(lockout.longest_lock)));
  if (rows.empty()) return absl::optional<passwords::Guess>();
  return absl::make_optional(passwords::ReadGuess(rows[0]));
}

absl::Status ForgetGuesses(Transaction& transaction, const DeviceId& id) {
  static constexpr Statement kForget = {"forget_guesses_of_device",
                                        "UPDATE trusted_devices SET failures = 0, locked_until = '-infinity',"
                                        "  expire_time = clock_timestamp() + $2::interval WHERE id = $1"};
  return transaction.Execute(kForget, Params().Add(id).Add(kLifetime)).status();
}

absl::Status Unlock(Transaction& transaction, const PrincipalId& owner) {
  static constexpr Statement kUnlock = {
      "unlock_devices", "UPDATE trusted_devices SET failures = 0, locked_until = '-infinity' WHERE principal_id = $1"};
  return transaction.Execute(kUnlock, Params().Add(owner)).status();
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {
      "clean_trusted_devices",
      "DELETE FROM trusted_devices WHERE id IN (SELECT id FROM trusted_devices WHERE expire_time < clock_timestamp() "
      "LIMIT $1)"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows.affected();
}

}  // namespace identity::trusted_devices
