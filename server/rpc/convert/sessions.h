#ifndef IDENTITY_RPC_CONVERT_SESSIONS_H_
#define IDENTITY_RPC_CONVERT_SESSIONS_H_

#include "db/stores/sessions.h"
#include "identity/v1/types.pb.h"
#include "server/app/access/caller.h"
#include "server/app/login/token_issuer.h"

namespace identity {

v1::TokenSet ToProto(const TokenSet& tokens);
// Marks the session of `caller` as the current one.
v1::Session ToProto(const sessions::ListedSession& listed, const Caller& caller);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_SESSIONS_H_
