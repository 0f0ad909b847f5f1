#ifndef IDENTITY_CLIENT_CONFORMANCE_DRIVER_H_
#define IDENTITY_CLIENT_CONFORMANCE_DRIVER_H_

#include <grpcpp/server.h>

#include <atomic>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "conformance/guestbook_service.h"
#include "identity/client.h"
#include "identity/guard.h"
#include "identity/local_verification.h"
#include "identity/session.h"

namespace identity {

// Does with the client what it is told: see tests/conformance/README.md.
class Driver {
 public:
  using Json = nlohmann::json;

  // `has_callbacks`: the guarded service is one with callbacks.
  explicit Driver(bool has_callbacks) : has_callbacks_(has_callbacks) {}

  // The answer to a command. Throws an exception when the command is not understood.
  Json Do(const Json& command);

 private:
  Json Connect(const Json& command);
  Json CheckMany(const Json& command);
  Json CreateRole(const Json& command);
  Json LogIn(const Json& command);
  Json AdvanceClock(const Json& command);
  Json UseSession(const Json& command);
  Json Serve();
  Json Verify(const Json& command);
  absl::Time Now() const;

  const bool has_callbacks_;
  GuestbookService service_;
  GuestbookCallbackService callback_service_;
  // In the order in which each needs the ones before it.
  std::unique_ptr<Client> client_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Guard> guard_;
  std::unique_ptr<grpc::Server> server_;
  std::map<std::string, std::unique_ptr<TokenVerifier>> verifiers_;
  std::atomic<int64_t> seconds_ahead_ = 0;
};

}  // namespace identity

#endif  // IDENTITY_CLIENT_CONFORMANCE_DRIVER_H_
