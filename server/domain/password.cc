#include "server/domain/password.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "server/base/error.h"
#include "server/base/sodium.h"
#include "server/domain/hashes/argon2.h"
#include "server/domain/hashes/bcrypt.h"
#include "server/domain/hashes/firebase_scrypt.h"
#include "server/domain/hashes/hash_function.h"
#include "server/domain/hashes/pbkdf2.h"

namespace identity {
namespace {

using hashes::HashFunction;
using hashes::Limits;

constexpr uint64_t kMinMemoryBytes = uint64_t{19} << 20;
constexpr uint64_t kMaxMemoryBytes = uint64_t{4} << 30;
constexpr uint64_t kMinPasses = 2;
constexpr uint64_t kMaxPasses = 16;
constexpr uint64_t kKiB = 1024;

const HashFunction* const kFunctions[] = {&hashes::kArgon2id, &hashes::kBcrypt, &hashes::kPbkdf2,
                                          &hashes::kFirebaseScrypt};

struct FoundFunction {
  const HashFunction* function = nullptr;
  hashes::Cost cost;
};

absl::optional<FoundFunction> FindFunction(absl::string_view text) {
  for (const HashFunction* function : kFunctions) {
    if (const absl::optional<hashes::Cost> cost = function->read(text)) return FoundFunction{function, *cost};
  }
  return absl::nullopt;
}

absl::Status Refusal(absl::string_view beginning, Limits limits) {
  const auto describe = [limits](std::string* out, const HashFunction* function) {
    out->append(function->describe(limits));
  };
  return InvalidField("password_hash", absl::StrCat(beginning, absl::StrJoin(kFunctions, ", or ", describe)));
}

}  // namespace

absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters) {
  if (parameters.memory_bytes < kMinMemoryBytes || parameters.memory_bytes > kMaxMemoryBytes) {
    return InvalidField("memory_bytes", "must be 19 MiB to 4 GiB");
  }
  if (parameters.passes < kMinPasses || parameters.passes > kMaxPasses) {
    return InvalidField("passes", "must be 2 to 16");
  }
  return absl::OkStatus();
}

uint64_t WorkOf(const Argon2Parameters& parameters) { return parameters.memory_bytes / kKiB * parameters.passes; }

void SpendWork(uint64_t work) {
  EnsureSodium();
  hashes::FillMemory(work);
}

absl::Status CheckNewPassword(const Secret& password) {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return InvalidField("password", absl::StrCat("must be ", kMinPasswordBytes, " to ", kMaxPasswordBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PasswordHash> PasswordHash::Parse(absl::string_view text) {
  EnsureSodium();
  const absl::optional<FoundFunction> found = FindFunction(text);
  if (!found) return Refusal("must be ", Limits::kStored);
  return PasswordHash(std::string(text), *found->function, found->cost.work);
}

absl::StatusOr<PasswordHash> PasswordHash::ParseImported(absl::string_view text) {
  EnsureSodium();
  const absl::optional<FoundFunction> found = FindFunction(text);
  if (!found) return Refusal("must be ", Limits::kImported);
  if (!found->cost.importable) return Refusal("costs more than ", Limits::kImported);
  return PasswordHash(std::string(text), *found->function, found->cost.work);
}

absl::StatusOr<PasswordHash> PasswordHash::FromPbkdf2Sha256(uint64_t rounds, absl::string_view salt_bytes,
                                                            absl::string_view hash_bytes) {
  EnsureSodium();
  return ParseImported(hashes::Pbkdf2Text(hashes::Digest::kSha256, rounds, salt_bytes, hash_bytes));
}

absl::StatusOr<PasswordHash> PasswordHash::FromPbkdf2Sha512(uint64_t rounds, absl::string_view salt_bytes,
                                                            absl::string_view hash_bytes) {
  EnsureSodium();
  return ParseImported(hashes::Pbkdf2Text(hashes::Digest::kSha512, rounds, salt_bytes, hash_bytes));
}

absl::StatusOr<PasswordHash> PasswordHash::FromFirebase(const FirebaseHashConfig& config, absl::string_view salt_bytes,
                                                        absl::string_view hash_bytes) {
  EnsureSodium();
  if (hash_bytes.size() != config.signer_key.size()) {
    return InvalidField("passwordHash", "does not have the size of the project's signer key");
  }
  return ParseImported(hashes::FirebaseScryptText(config.mem_cost, config.rounds,
                                                  absl::StrCat(salt_bytes, config.salt_separator), hash_bytes,
                                                  config.signer_key.Reveal()));
}

absl::StatusOr<PasswordHash> PasswordHash::Create(const Secret& password, const Argon2Parameters& parameters) {
  EnsureSodium();
  char text[crypto_pwhash_STRBYTES];
  const absl::string_view bytes = password.Reveal();
  if (crypto_pwhash_str_alg(text, bytes.data(), bytes.size(), parameters.passes, parameters.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return WithRetryDelay(Error(ErrorReason::kOverloaded, "not enough memory to hash a password"), absl::Seconds(1));
  }
  return PasswordHash(text, hashes::kArgon2id, WorkOf(parameters));
}

bool PasswordHash::Verify(const Secret& password) const {
  EnsureSodium();
  return function_->verify(text_, password.Reveal());
}

bool PasswordHash::NeedsRehash(const Secret& password, const Argon2Parameters& parameters) const {
  if (function_ == &hashes::kBcrypt) return password.size() < hashes::kBcryptPasswordBytes;
  const absl::optional<hashes::Argon2Cost> cost = hashes::ReadArgon2Cost(text_);
  return !cost || cost->memory_kib != parameters.memory_bytes / kKiB || cost->passes != parameters.passes ||
         cost->lanes != 1;
}

}  // namespace identity
