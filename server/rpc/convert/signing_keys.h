#ifndef IDENTITY_RPC_CONVERT_SIGNING_KEYS_H_
#define IDENTITY_RPC_CONVERT_SIGNING_KEYS_H_

#include "identity/v1/types.pb.h"
#include "server/app/admin/signing_keys.h"

namespace identity {

v1::SigningKey ToProto(const SigningKeys::Key& key);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_SIGNING_KEYS_H_
