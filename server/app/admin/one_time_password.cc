#include "server/app/admin/one_time_password.h"

#include "server/base/base64url.h"
#include "server/base/random.h"

namespace identity {

Secret NewOneTimePassword() { return Secret(Base64UrlEncode(RandomBytes(18))); }

}  // namespace identity
