#ifndef IDENTITY_GUARD_H_
#define IDENTITY_GUARD_H_

#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "identity/client.h"
#include "identity/v1/types.pb.h"

namespace identity {
inline namespace client {

class GuardedService;
class MethodGuard;

// What a caller of a method needs.
class Rule {
 public:
  // `permission`: such as "posts:read". `resource`: such as "orgs/{org}/posts/{post.id}", where braces name a field of
  // the request that is text or an integer. Empty: callers need the permission everywhere.
  Rule(std::string permission, std::string resource)
      : permission_(std::move(permission)), resource_(std::move(resource)) {}
  // Everybody may call the method. The guard asks nothing, so that there is no decision.
  static Rule Public() { return Rule(); }

  bool is_public() const { return is_public_; }
  const std::string& permission() const { return permission_; }
  const std::string& resource() const { return resource_; }

 private:
  Rule() : is_public_(true) {}

  bool is_public_ = false;
  std::string permission_;
  std::string resource_;
};

// The rules of a server by its methods, such as "/guestbook.v1.Guestbook/Read". A method without a rule is refused.
using Rules = std::vector<std::pair<std::string, Rule>>;

// What the service knows about a caller that it allowed.
struct Decision {
  v1::Principal principal;
  std::string session_id;                           // UUID; empty without a session
  std::vector<std::string> scopes;                  // of the credential
  std::string consistency_token;                    // a later check with it is at least as fresh
  absl::Time expire_time = absl::InfiniteFuture();  // of the credential or the binding
};

// The decision about the call that this thread handles; null if the method is public. Only the handler itself can ask:
// it copies the decision for the threads and reactions that continue its work.
const Decision* DecisionOf(const grpc::ServerContextBase* context);

// Asks the service about the callers of servers, which GuardedServerBuilder builds.
class Guard {
 public:
  // Gets the error of a check, for a log. Callers learn only that nothing was decided. Must be thread-safe.
  using Log = std::function<void(const absl::Status& cause)>;

  // INVALID_ARGUMENT when a rule is wrong: the program must have the methods and fields that the rules name, and each
  // method at most one rule. `client` must outlive the guard, and the guard must outlive its servers.
  static absl::StatusOr<std::unique_ptr<Guard>> Create(const Client& client, const Rules& rules, Log log = nullptr);
  ~Guard();

 private:
  friend class GuardedServerBuilder;

  explicit Guard(Log log);

  const Log log_;
  std::map<std::string, std::unique_ptr<const MethodGuard>> methods_;
  std::vector<std::unique_ptr<GuardedService>> services_;
};

// Builds servers all of whose methods are guarded. A guard in C++ must stand before the handlers, because gRPC's
// interceptors cannot keep a handler from running.
//
// The services are those of the synchronous or the callback API. What plugins add (health, reflection) is not guarded.
class GuardedServerBuilder : public grpc::ServerBuilder {
 public:
  // The guard must outlive the server.
  explicit GuardedServerBuilder(Guard& guard) : guard_(guard) {}

  // Registers an implementation of the service `S`: `builder.RegisterService<guestbook::v1::Guestbook>(&service)`. It
  // must outlive the server.
  template <typename S, typename Implementation>
  GuardedServerBuilder& RegisterService(Implementation* service) {
    static_assert(std::is_base_of_v<typename S::Service, Implementation>, "the service is another one");
    Register(S::service_full_name(), *service);
    return *this;
  }
  GuardedServerBuilder& RegisterService(grpc::Service*) = delete;  // has no name to find rules by
  GuardedServerBuilder& RegisterAsyncGenericService(grpc::AsyncGenericService*) = delete;
  GuardedServerBuilder& RegisterCallbackGenericService(grpc::CallbackGenericService*) = delete;

  // Null, with a line on the standard error, when a service cannot be guarded: because it was registered in another
  // way, or because it has asynchronous methods, or synchronous ones beside those with callbacks.
  std::unique_ptr<grpc::Server> BuildAndStart() override;

 private:
  void Register(const std::string& name, grpc::Service& service);

  Guard& guard_;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_GUARD_H_
