#ifndef IDENTITY_GUARDED_SERVICE_H_
#define IDENTITY_GUARDED_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <deque>
#include <functional>
#include <string>

#include "google/protobuf/descriptor.h"
#include "identity/method_guard.h"

namespace identity {
inline namespace client {

// Stands for another service at a server: it has the same methods, and runs their handlers after the guard has allowed
// it. It is the only file that knows how gRPC runs handlers. The generated code relies on the same.
class GuardedService : public grpc::Service {
 public:
  // The guard of a method by its full name. Null: every call is refused.
  using Guards = std::function<const MethodGuard*(const std::string& method)>;

  // The methods of `service` must be either synchronous or with callbacks. It must outlive this object.
  static bool CanGuard(const grpc::Service& service);
  GuardedService(const google::protobuf::ServiceDescriptor& descriptor, grpc::Service& service, const Guards& guards);

 private:
  std::deque<std::string> names_;  // gRPC keeps pointers to them
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_GUARDED_SERVICE_H_
