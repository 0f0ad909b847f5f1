#ifndef IDENTITY_TESTS_E2E_CANARIES_H_
#define IDENTITY_TESTS_E2E_CANARIES_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// The secret of an otpauth URI, and its bytes (RFC 4648 section 6), as an authenticator app reads them.
std::string Base32SecretOf(absl::string_view otpauth_uri);
std::string FromBase32(const std::string& text);

// Secrets that must not come out, and the search for them in every form that a careless program could give them: as
// they are, in lower case, in hexadecimal, in base64 at any place of a longer text, and in a URL. For one thread.
class Canaries {
 public:
  // `name` says what it is, for people. A text of a known grammar is taken apart, so that only what is secret of it
  // counts and its parts are found alone: of an access token the signature, of `idr_…` and its like the secret bits,
  // of an otpauth URI the seed. A code of 6 digits could stand in a longer number by chance: alone it counts as a word.
  void Keep(const std::string& name, absl::string_view secret);

  // The names of those that `text` holds, with the form. `ignored`: the name of one that may be there.
  std::set<std::string> FoundIn(absl::string_view text, absl::string_view ignored = "") const;

 private:
  void KeepText(const std::string& name, absl::string_view secret);
  void KeepEncoded(const std::string& name, absl::string_view secret);
  void KeepCode(const std::string& name, absl::string_view code);

  struct Origin {
    std::string name;
    std::string form;
  };
  std::map<std::string, Origin> texts_;  // by what is looked for
  std::map<std::string, Origin> codes_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_E2E_CANARIES_H_
