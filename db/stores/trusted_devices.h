#ifndef IDENTITY_DB_STORES_TRUSTED_DEVICES_H_
#define IDENTITY_DB_STORES_TRUSTED_DEVICES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/lockout.h"
#include "db/stores/passwords.h"
#include "server/domain/account_names.h"
#include "server/domain/ids.h"

// Devices on which a user has logged in before. Their guesses are counted apart, so that strangers who lock the account
// do not lock its owner out (OWASP, "device cookies"). Errors are those of Transaction::Execute.
namespace identity::trusted_devices {

// An account has at most this many; a new one replaces the one that was not used for the longest time.
inline constexpr int64_t kMostDevices = 10;
// Without a login.
inline constexpr absl::Duration kLifetime = absl::Hours(90 * 24);

// What a device token says of itself. A value.
struct Presented {
  DeviceId id;
  std::string hash;
};

// `epoch`: of the session that began on the device. The device ends when that epoch of the owner has ended.
absl::StatusOr<DeviceId> Insert(Transaction& transaction, const PrincipalId& owner, int64_t epoch,
                                absl::string_view hash);

// As passwords::ReserveGuess, but counts the guess against the device, whether or not the account is locked. nullopt:
// the account has no such device, or the device itself is locked. Then the guess counts like that of a stranger.
absl::StatusOr<absl::optional<passwords::Guess>> ReserveGuess(Transaction& transaction, const LoginName& login,
                                                              const Presented& device, const Lockout& lockout);
// After a correct password: forgets the device's failed guesses and extends its life.
absl::Status ForgetGuesses(Transaction& transaction, const DeviceId& id);

// Forgets failed guesses and locks of all devices of `owner`.
absl::Status Unlock(Transaction& transaction, const PrincipalId& owner);

// Removes at most `limit` expired devices. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::trusted_devices

#endif  // IDENTITY_DB_STORES_TRUSTED_DEVICES_H_
