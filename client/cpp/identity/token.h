#ifndef IDENTITY_TOKEN_H_
#define IDENTITY_TOKEN_H_

#include <functional>
#include <iosfwd>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {
inline namespace client {

// A credential in text: an API key or a token. Nothing prints it. `Reveal` is the only way to read it, so a search for
// that word finds every use.
class Token {
 public:
  Token() = default;
  explicit Token(std::string text) : text_(std::move(text)) {}

  // Valid while this object exists.
  absl::string_view Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend std::ostream& operator<<(std::ostream&, const Token&) = delete;
  // GoogleTest prints "<secret>".
  friend void PrintTo(const Token&, std::ostream* out);

 private:
  std::string text_;
};

// Gives the credential of a call, or the error that the call ends with. Must be thread-safe. A session is one, too:
// `[&session] { return session.AccessToken(); }`.
using TokenSource = std::function<absl::StatusOr<Token>()>;

// An API key or an access token that never changes.
TokenSource FixedToken(std::string text);

// The token in a file that another program replaces, such as the token of a Kubernetes service account. The source
// reads the file at most once in 10 seconds. While the file cannot be read, the earlier token remains; without an
// earlier token the error is UNAUTHENTICATED.
TokenSource TokenFile(std::string path, std::function<absl::Time()> clock = absl::Now);

// Whether gRPC can send the text as a credential. Only printable ASCII without spaces is one.
bool IsCredential(absl::string_view text);

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_TOKEN_H_
