// Needs every header and every library of the package. Exits with 0 if they work.

#include <memory>
#include <utility>

#include "identity/client.h"
#include "identity/errors.h"
#include "identity/guard.h"
#include "identity/local_verification.h"
#include "identity/retry.h"
#include "identity/session.h"
#include "identity/token.h"
#include "identity/v1/errors.pb.h"

int main() {
  const auto client = identity::Client::Create(
                          {.address = "127.0.0.1:1", .plaintext = true, .credential = identity::FixedToken("idk_")})
                          .value();
  const auto guard =
      identity::Guard::Create(*client, {{"/identity.v1.AdminService/GetUser", {"posts:read", "users/{user_id}"}}});
  identity::Session session(*client, identity::v1::TokenSet());
  const auto verifier =
      identity::TokenVerifier::Create({.keys_url = "http://127.0.0.1:1/", .issuer = "i", .audience = "a"}).value();
  const bool works = guard.ok() && identity::ErrorReasonOf(session.AccessToken().status()).empty() &&
                     absl::IsUnauthenticated(verifier->Verify("no token").status());
  return works ? 0 : 1;
}
