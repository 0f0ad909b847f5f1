#include "server/rpc/convert/sessions.h"

#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"

namespace identity {

v1::TokenSet ToProto(const TokenSet& tokens) {
  v1::TokenSet proto;
  proto.set_access_token(std::string(tokens.access_token.Reveal()));
  proto.set_token_type("Bearer");
  *proto.mutable_expires_in() = ToProto(tokens.expires_in);
  if (!tokens.refresh_token.empty()) {
    proto.set_refresh_token(std::string(tokens.refresh_token.Reveal()));
    *proto.mutable_refresh_expires_in() = ToProto(tokens.refresh_expires_in);
  }
  WriteTexts(tokens.scopes.ToStrings(), *proto.mutable_scopes());
  if (tokens.session_id) proto.set_session_id(tokens.session_id->ToString());
  proto.set_principal_id(tokens.principal_id.ToString());
  proto.set_password_change_required(tokens.password_change_required);
  proto.set_mfa_enrollment_required(tokens.mfa_enrollment_required);
  return proto;
}

v1::Session ToProto(const sessions::ListedSession& listed, const Caller& caller) {
  const sessions::Session& session = listed.session;
  v1::Session proto;
  proto.set_id(session.id.ToString());
  proto.set_current(caller.subject && caller.subject->session_id == session.id);
  *proto.mutable_create_time() = ToProto(listed.create_time);
  *proto.mutable_auth_time() = ToProto(session.auth_time);
  *proto.mutable_expire_time() = ToProto(session.expire_time);
  WriteTexts(session.amr, *proto.mutable_amr());
  proto.set_client_id(session.client_id);
  proto.set_audience(session.audience);
  WriteTexts(session.scopes.ToStrings(), *proto.mutable_scopes());
  proto.set_ip_address(listed.ip_address);
  proto.set_user_agent(listed.user_agent);
  proto.set_device_name(listed.device_name);
  return proto;
}

}  // namespace identity
