#ifndef IDENTITY_TESTS_E2E_CANARIES_H_
#define IDENTITY_TESTS_E2E_CANARIES_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// The secret of an otpauth URI, and its bytes (RFC 4648 section 6).
std::string Base32SecretOf(absl::string_view otpauth_uri);
std::string FromBase32(const std::string& text);

// Secrets that must not leak, and a search for every form in which a careless program could leak them: verbatim, in
// lower case, in hexadecimal, in base64 at any position of a longer text, and in a URL. For one thread.
class Canaries {
 public:
  // `name` describes the secret for people. Only the secret part of a text with a known grammar counts: the signature
  // of an access token, the secret bits of `idr_…` and the like, the seed of an otpauth URI. A code of 6 digits counts
  // only as a whole word, because longer numbers contain it by chance.
  void Keep(const std::string& name, absl::string_view secret);

  // The names of the secrets in `text`, with the form. `ignored`: the name of a secret that is allowed there.
  std::set<std::string> FoundIn(absl::string_view text, absl::string_view ignored = "") const;

 private:
  void KeepText(const std::string& name, absl::string_view secret);
  void KeepEncoded(const std::string& name, absl::string_view secret);
  void KeepCode(const std::string& name, absl::string_view code);

  struct Origin {
    std::string name;
    std::string form;
  };
  std::map<std::string, Origin> texts_;  // by the text to search for
  std::map<std::string, Origin> codes_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_E2E_CANARIES_H_
