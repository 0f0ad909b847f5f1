// Checks whether a bearer token has a permission, as a backend does for each of its requests.
//
//   IDENTITY_API_KEY=idk_… identity_check HOST:PORT ROOTS.pem|plaintext ACCESS_TOKEN PERMISSION [RESOURCE]
//
// Exits with 0 when allowed, 1 when denied, 2 when not decided.

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "identity/client.h"

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: identity_check HOST:PORT ROOTS.pem|plaintext ACCESS_TOKEN PERMISSION [RESOURCE]\n";
    return 2;
  }
  identity::ClientOptions options;
  options.address = argv[1];
  options.plaintext = std::string(argv[2]) == "plaintext";
  if (!options.plaintext) options.tls_root_file = argv[2];
  if (const char* key = std::getenv("IDENTITY_API_KEY")) options.credential = identity::FixedToken(key);
  const auto client = identity::Client::Create(std::move(options));
  if (!client.ok()) {
    std::cerr << client.status().message() << "\n";
    return 2;
  }
  identity::v1::CheckPermissionRequest request;
  request.set_access_token(argv[3]);
  request.set_permission(argv[4]);
  if (argc > 5) request.set_resource(argv[5]);
  const auto answer = (*client)->Call(&identity::IdentityRpc::CheckPermission, request);
  if (!answer.ok()) {
    std::cerr << answer.status() << "\n";
    return 2;
  }
  std::cout << identity::v1::Reason_Name(answer->reason()) << "\n";
  return answer->decision() == identity::v1::DECISION_ALLOWED ? 0 : 1;
}
