#ifndef IDENTITY_TESTS_SUPPORT_OPENID_PROVIDER_H_
#define IDENTITY_TESTS_SUPPORT_OPENID_PROVIDER_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/domain/external/jws_algorithm.h"
#include "tests/support/document_server.h"
#include "tests/support/token_forge.h"

namespace identity {

// An OpenID provider. A document server publishes its metadata and its keys, as many providers as a test wants. Its
// tokens may be made on any thread; the rest is for one.
class OpenIdProvider {
 public:
  // Our id as a client of each provider.
  static constexpr char kClientId[] = "shop";

  // A provider whose issuer is below the address of `documents`, which must outlive it. It publishes nothing yet.
  OpenIdProvider(const DocumentServer& documents, const std::string& name,
                 JwsAlgorithm algorithm = JwsAlgorithm::kEs256);

  const std::string& name() const { return name_; }
  const std::string& issuer() const { return issuer_; }
  const TokenForge& forge() const { return forge_; }

  // Publishes the metadata, and a key set with the keys of `forges`, or with its own.
  void Publish() const { Publish({forge_}); }
  void Publish(const std::vector<TokenForge>& forges) const;

  // The claims of a good ID token that was issued now.
  nlohmann::json Claims(const std::string& subject) const;
  // The same for a person with an address.
  nlohmann::json Claims(const std::string& subject, const std::string& email, bool verified = true) const;
  std::string Sign(const nlohmann::json& claims) const { return forge_.Sign(claims); }

 private:
  const DocumentServer& documents_;
  std::string name_;
  std::string issuer_;
  TokenForge forge_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_OPENID_PROVIDER_H_
