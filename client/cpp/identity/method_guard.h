#ifndef IDENTITY_METHOD_GUARD_H_
#define IDENTITY_METHOD_GUARD_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "identity/client.h"
#include "identity/guard.h"
#include "identity/resource_template.h"

namespace identity {
inline namespace client {

// Whether a handler may run.
struct Verdict {
  grpc::Status refusal;               // OK: it may
  absl::optional<Decision> decision;  // unset: refused, or the method is public
};

// Asks about the callers of one method. Thread-safe.
class MethodGuard {
 public:
  // INVALID_ARGUMENT when the rule does not fit the method. `client` and `log` must outlive the result.
  static absl::StatusOr<MethodGuard> Create(const Client& client, const Rule& rule,
                                            const google::protobuf::MethodDescriptor& method, const Guard::Log& log);

  // `request`: null for a stream of requests.
  Verdict Decide(const grpc::ServerContextBase& context, const google::protobuf::Message* request) const;
  // The same, but returns at once. `done` runs on a thread of gRPC, or on this one when there is nothing to ask.
  void DecideAsync(const grpc::ServerContextBase& context, const google::protobuf::Message* request,
                   std::function<void(Verdict)> done) const;

 private:
  MethodGuard(const Client& client, const Rule& rule, ResourceTemplate resource, const Guard::Log& log);

  // The question for the service, or the verdict without one.
  std::variant<v1::CheckPermissionRequest, Verdict> QuestionAbout(const grpc::ServerContextBase& context,
                                                                  const google::protobuf::Message* request) const;
  CallOptions OptionsOf(const grpc::ServerContextBase& context) const;
  Verdict VerdictOf(const absl::StatusOr<v1::CheckPermissionResponse>& answer, bool anonymous) const;

  const Client* client_;
  bool is_public_;
  std::string permission_;
  ResourceTemplate resource_;
  const Guard::Log* log_;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_METHOD_GUARD_H_
