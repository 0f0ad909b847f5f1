#include "server/rpc/convert/bindings.h"

#include <utility>

#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/principals.h"
#include "server/rpc/convert/time.h"

namespace identity {

v1::Binding ToProto(const bindings::StoredBinding& binding) {
  v1::Binding proto;
  proto.set_id(binding.binding.id.ToString());
  proto.set_principal_id(binding.principal_id.ToString());
  proto.set_role(binding.binding.role);
  proto.set_resource(binding.binding.resource.text());
  if (binding.binding.expire_time != absl::InfiniteFuture()) {
    *proto.mutable_expire_time() = ToProto(binding.binding.expire_time);
  }
  *proto.mutable_create_time() = ToProto(binding.create_time);
  return proto;
}

v1::EffectivePermission ToProto(const HeldPattern& held) {
  v1::EffectivePermission proto;
  proto.set_pattern(held.grant.pattern.text());
  if (!held.binding.id.is_nil()) proto.set_binding_id(held.binding.id.ToString());
  proto.set_resource(held.binding.resource.text());
  proto.mutable_role_chain()->Assign(held.grant.chain.begin(), held.grant.chain.end());
  if (held.binding.expire_time != absl::InfiniteFuture()) {
    *proto.mutable_expire_time() = ToProto(held.binding.expire_time);
  }
  return proto;
}

v1::PermissionHolder ToProto(const Lookups::Holder& holder) {
  v1::PermissionHolder proto;
  Write(holder.principal, *proto.mutable_principal());
  proto.set_second_factor_required(holder.right.needs_second_factor);
  if (holder.right.expire_time != absl::InfiniteFuture()) {
    *proto.mutable_expire_time() = ToProto(holder.right.expire_time);
  }
  return proto;
}

v1::GrantedResource ToProto(const Lookups::Place& place) {
  v1::GrantedResource proto;
  proto.set_resource(place.resource.text());
  proto.set_second_factor_required(place.right.needs_second_factor);
  if (place.right.expire_time != absl::InfiniteFuture()) {
    *proto.mutable_expire_time() = ToProto(place.right.expire_time);
  }
  return proto;
}

absl::StatusOr<Binding> ReadBinding(const v1::Binding& proto) {
  Binding binding;
  binding.role = proto.role();
  auto resource = Resource::Parse(proto.resource());
  if (!resource.ok()) return InField("binding", resource.status());
  binding.resource = *std::move(resource);
  if (proto.has_expire_time()) {
    ASSIGN_OR_RETURN(binding.expire_time, FromProto("binding.expire_time", proto.expire_time()));
  }
  return binding;
}

absl::StatusOr<bindings::Filter> ReadFilter(const v1::ListBindingsRequest& request) {
  bindings::Filter filter;
  if (!request.principal_id().empty()) {
    ASSIGN_OR_RETURN(filter.principal_id, ReadPrincipalId("principal_id", request.principal_id()));
  }
  filter.role = request.role();
  ASSIGN_OR_RETURN(filter.resource, Resource::Parse(request.resource()));
  return filter;
}

}  // namespace identity
