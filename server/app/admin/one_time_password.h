#ifndef IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_
#define IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_

#include "server/base/secret.h"

namespace identity {

// A random first password: 144 bits in 24 characters. A session that began with it may only change the password, until
// that is done.
Secret NewOneTimePassword();

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_
