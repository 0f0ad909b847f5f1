#include "server/rpc/convert/signing_keys.h"

#include "server/rpc/convert/time.h"

namespace identity {
namespace {

v1::SigningKeyState StateOf(const SigningKeys::Key& key) {
  if (key.state == SigningKeyState::kNext) return v1::SIGNING_KEY_STATE_NEXT;
  return key.state == SigningKeyState::kActive ? v1::SIGNING_KEY_STATE_ACTIVE : v1::SIGNING_KEY_STATE_RETIRING;
}

}  // namespace

v1::SigningKey ToProto(const SigningKeys::Key& key) {
  v1::SigningKey proto;
  proto.set_kid(key.kid);
  proto.set_state(StateOf(key));
  proto.set_public_jwk(key.jwk);
  *proto.mutable_create_time() = ToProto(key.create_time);
  if (key.retire_time) *proto.mutable_retire_time() = ToProto(*key.retire_time);
  return proto;
}

}  // namespace identity
