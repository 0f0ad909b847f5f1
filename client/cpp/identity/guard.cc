#include "identity/guard.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "identity/guarded_service.h"
#include "identity/method_guard.h"

namespace identity {
inline namespace client {
namespace {

// The method of a name such as "/guestbook.v1.Guestbook/Read". Null: the program has none.
const google::protobuf::MethodDescriptor* FindMethod(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 3 || !parts[0].empty()) return nullptr;
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(parts[1]);
  return service == nullptr ? nullptr : service->FindMethodByName(parts[2]);
}

}  // namespace

Guard::Guard(Log log) : log_(std::move(log)) {}
Guard::~Guard() = default;

absl::StatusOr<std::unique_ptr<Guard>> Guard::Create(const Client& client, const Rules& rules, Log log) {
  std::unique_ptr<Guard> guard(new Guard(std::move(log)));
  for (const auto& [name, rule] : rules) {
    const auto refuse = [&name = name](absl::string_view why) {
      return absl::InvalidArgumentError(absl::StrCat("rule of ", name, ": ", why));
    };
    const google::protobuf::MethodDescriptor* method = FindMethod(name);
    if (method == nullptr) return refuse("the program has no such method");
    absl::StatusOr<MethodGuard> method_guard = MethodGuard::Create(client, rule, *method, guard->log_);
    if (!method_guard.ok()) return refuse(method_guard.status().message());
    const bool is_new = guard->methods_.emplace(name, std::make_unique<MethodGuard>(*std::move(method_guard))).second;
    if (!is_new) return refuse("the method has two rules");
  }
  return guard;
}

void GuardedServerBuilder::Register(const std::string& name, grpc::Service& service) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
  if (descriptor == nullptr || !GuardedService::CanGuard(service)) {
    std::cerr << "identity: " << name << " cannot be guarded\n";
    grpc::ServerBuilder::RegisterService(&service);  // which BuildAndStart finds
    return;
  }
  const auto guard_of = [this](const std::string& method) {
    const auto found = guard_.methods_.find(method);
    return found == guard_.methods_.end() ? nullptr : found->second.get();
  };
  guard_.services_.push_back(std::make_unique<GuardedService>(*descriptor, service, guard_of));
  grpc::ServerBuilder::RegisterService(guard_.services_.back().get());
}

std::unique_ptr<grpc::Server> GuardedServerBuilder::BuildAndStart() {
  for (const NamedService* registered : services()) {
    if (dynamic_cast<const GuardedService*>(registered->service) != nullptr) continue;
    std::cerr << "identity: the server does not start with a service that is not guarded\n";
    return nullptr;
  }
  return grpc::ServerBuilder::BuildAndStart();
}

}  // namespace client
}  // namespace identity
