#include "server/rpc/convert/signing_keys.h"

#include <algorithm>
#include <iterator>

#include "server/base/error.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

v1::SigningKeyState StateOf(const SigningKeys::Key& key) {
  if (key.state == SigningKeyState::kNext) return v1::SIGNING_KEY_STATE_NEXT;
  return key.state == SigningKeyState::kActive ? v1::SIGNING_KEY_STATE_ACTIVE : v1::SIGNING_KEY_STATE_RETIRING;
}

// In the order of SigningAlgorithm.
constexpr v1::SigningAlgorithm kInProto[] = {v1::SIGNING_ALGORITHM_EDDSA, v1::SIGNING_ALGORITHM_ES256,
                                             v1::SIGNING_ALGORITHM_RS256};
static_assert(std::size(kInProto) == std::size(kSigningAlgorithms));

}  // namespace

absl::StatusOr<absl::optional<SigningAlgorithm>> FromProto(v1::SigningAlgorithm algorithm) {
  if (algorithm == v1::SIGNING_ALGORITHM_UNSPECIFIED) return absl::optional<SigningAlgorithm>();
  const auto* found = std::find(std::begin(kInProto), std::end(kInProto), algorithm);
  if (found == std::end(kInProto)) return InvalidField("algorithm", "is unknown to this server");
  return absl::make_optional(kSigningAlgorithms[found - std::begin(kInProto)]);
}

v1::SigningKey ToProto(const SigningKeys::Key& key) {
  v1::SigningKey proto;
  proto.set_kid(key.kid);
  proto.set_algorithm(kInProto[static_cast<size_t>(key.algorithm)]);
  proto.set_state(StateOf(key));
  proto.set_public_jwk(key.jwk);
  *proto.mutable_create_time() = ToProto(key.create_time);
  if (key.retire_time) *proto.mutable_retire_time() = ToProto(*key.retire_time);
  return proto;
}

}  // namespace identity
