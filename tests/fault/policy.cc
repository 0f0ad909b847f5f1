#include "tests/fault/policy.h"

#include <utility>

namespace identity {
namespace {

constexpr char kRole[] = "reader";
constexpr char kPermission[] = "docs:read";
constexpr char kDocument[] = "docs/plan";

}  // namespace

v1::Consistency AtLeast(const std::string& consistency_token) {
  v1::Consistency consistency;
  consistency.set_at_least_as_fresh(consistency_token);
  return consistency;
}

v1::Consistency Full() {
  v1::Consistency consistency;
  consistency.set_fully_consistent(true);
  return consistency;
}

Policy::Policy(Deployment& deployment) : deployment_(deployment) {
  v1::CreateRoleRequest request;
  request.mutable_role()->set_name(kRole);
  request.mutable_role()->add_permissions(kPermission);
  Must(deployment_.client(0).Call(&AdminRpc::CreateRole, request, deployment_.AsAdmin()));
}

std::string Policy::NewPrincipal(const std::string& name) const {
  v1::CreateServiceAccountRequest request;
  request.set_name(name);
  return Must(deployment_.client(0).Call(&AdminRpc::CreateServiceAccount, request, deployment_.AsAdmin()))
      .service_account()
      .id();
}

absl::StatusOr<Policy::Grant> Policy::Give(int replica, const std::string& principal) const {
  v1::CreateBindingRequest request;
  request.mutable_binding()->set_principal_id(principal);
  request.mutable_binding()->set_role(kRole);
  request.mutable_binding()->set_resource(kDocument);
  const auto made = deployment_.client(replica).Call(&AdminRpc::CreateBinding, request, deployment_.AsAdmin());
  if (!made.ok()) return made.status();
  return Grant{made->binding().id(), made->consistency_token()};
}

absl::StatusOr<std::string> Policy::Take(int replica, const Grant& grant) const {
  v1::DeleteBindingRequest request;
  request.set_binding_id(grant.binding);
  const auto deleted = deployment_.client(replica).Call(&AdminRpc::DeleteBinding, request, deployment_.AsAdmin());
  if (!deleted.ok()) return deleted.status();
  return deleted->consistency_token();
}

absl::StatusOr<v1::CheckPermissionResponse> Policy::Ask(int replica, const std::string& principal,
                                                        const v1::Consistency& consistency) const {
  v1::CheckPermissionRequest request;
  request.set_principal_id(principal);
  *request.mutable_consistency() = consistency;
  return AskAbout(replica, std::move(request));
}

absl::StatusOr<v1::CheckPermissionResponse> Policy::AskAbout(int replica, v1::CheckPermissionRequest request) const {
  request.set_permission(kPermission);
  request.set_resource(kDocument);
  return deployment_.client(replica).Call(&IdentityRpc::CheckPermission, request, deployment_.AsAdmin());
}

}  // namespace identity
