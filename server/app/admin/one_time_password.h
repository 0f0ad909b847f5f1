#ifndef IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_
#define IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_

#include "server/base/secret.h"

namespace identity {

// A random first password: 144 bits in 24 characters. Until its user changes it, a session that began with it may do
// nothing but change it.
Secret NewOneTimePassword();

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_
