#include "server/rpc/account_service.h"

#include <string>
#include <utility>
#include <vector>

#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert.h"

namespace identity {
namespace {

void Write(const accounts::Account& account, v1::Account& proto) {
  proto.set_id(account.id.ToString());
  proto.set_username(account.username);
  proto.set_email(account.email);
  proto.set_email_verified(account.email_verified);
  proto.set_pending_email(account.pending_email);
  proto.set_full_name(account.full_name);
  for (const std::string& role : account.roles) proto.add_roles(role);
  *proto.mutable_create_time() = ToProto(account.create_time);
  if (account.last_login_time) *proto.mutable_last_login_time() = ToProto(*account.last_login_time);
  proto.set_mfa_enabled(account.mfa_enabled);
  proto.set_recovery_codes_left(static_cast<int32_t>(account.recovery_codes));
}

// Of the paths of `update_mask`, or of the fields that are there when it is empty.
absl::StatusOr<Accounts::Update> ReadUpdate(const v1::UpdateAccountRequest& request) {
  const v1::Account& account = request.account();
  std::vector<std::string> paths(request.update_mask().paths().begin(), request.update_mask().paths().end());
  if (paths.empty()) {
    if (!account.full_name().empty()) paths.push_back("full_name");
    if (!account.email().empty()) paths.push_back("email");
  }
  Accounts::Update update;
  for (const std::string& path : paths) {
    if (path == "full_name") {
      update.full_name = account.full_name();
    } else if (path == "email") {
      update.email = account.email();
    } else {
      return InvalidField("update_mask", "may name full_name and email");
    }
  }
  update.current_password = TakeSecret(request.current_password());
  return update;
}

void Write(const std::vector<Secret>& codes, google::protobuf::RepeatedPtrField<std::string>& proto) {
  for (const Secret& code : codes) proto.Add(std::string(code.Reveal()));
}

}  // namespace

// The head of each handler.
#define IDENTITY_ACCOUNT_RPC(name)                                                     \
  grpc::ServerUnaryReactor* AccountService::name(grpc::CallbackServerContext* context, \
                                                 const v1::name##Request* request,     \
                                                 [[maybe_unused]] v1::name##Response* response)
#define IDENTITY_ACCOUNT_RUN(name)                                              \
  return calls_.Run(context, "identity.v1.AccountService/" #name, *request, {}, \
                    [=, this](const Call& call) -> absl::Status

IDENTITY_ACCOUNT_RPC(Register) {
  IDENTITY_ACCOUNT_RUN(Register) {
    const auto registered =
        registration_.Register(call.context, call.caller,
                               {request->username(), request->email(), TakeSecret(request->password()),
                                request->full_name(), FromProto(request->client_info())});
    RETURN_IF_ERROR(registered.status());
    Write(registered->account, *response->mutable_account());
    response->set_consistency_token(registered->token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(GetAccount) {
  IDENTITY_ACCOUNT_RUN(GetAccount) {
    ASSIGN_OR_RETURN(const accounts::Account account, accounts_.Get(call.context, call.caller));
    Write(account, *response->mutable_account());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(UpdateAccount) {
  IDENTITY_ACCOUNT_RUN(UpdateAccount) {
    ASSIGN_OR_RETURN(const Accounts::Update update, ReadUpdate(*request));
    ASSIGN_OR_RETURN(const accounts::Account account, accounts_.Apply(call.context, call.caller, update));
    Write(account, *response->mutable_account());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(DeactivateAccount) {
  IDENTITY_ACCOUNT_RUN(DeactivateAccount) {
    ASSIGN_OR_RETURN(const ConsistencyToken token,
                     accounts_.Deactivate(call.context, call.caller, TakeSecret(request->current_password())));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(ChangePassword) {
  IDENTITY_ACCOUNT_RUN(ChangePassword) {
    const Secret current = TakeSecret(request->current_password());
    const Secret fresh = TakeSecret(request->new_password());
    ASSIGN_OR_RETURN(const auto change, accounts_.ChangePassword(call.context, call.caller, current, fresh));
    response->set_ended_sessions(static_cast<int32_t>(change.ended_sessions));
    *response->mutable_tokens() = ToProto(change.tokens);
    response->set_consistency_token(change.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(ListSessions) {
  IDENTITY_ACCOUNT_RUN(ListSessions) {
    ASSIGN_OR_RETURN(const auto page, principals_.ListSessions(call.context, *call.caller.id(),
                                                               {request->page_size(), request->page_token()}));
    for (const sessions::ListedSession& session : page.items) {
      *response->add_sessions() = ToProto(session, call.caller);
    }
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(ListApiKeys) {
  IDENTITY_ACCOUNT_RUN(ListApiKeys) {
    ASSIGN_OR_RETURN(const auto page, principals_.ListApiKeys(call.context, *call.caller.id(),
                                                              {request->page_size(), request->page_token()}));
    for (const api_keys::ApiKey& key : page.items) *response->add_api_keys() = ToProto(key);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(RotateApiKey) {
  IDENTITY_ACCOUNT_RUN(RotateApiKey) {
    ApiKeyIssuer::Rotation rotation;
    ASSIGN_OR_RETURN(rotation.id, ReadId<ApiKeyId>("api_key_id", request->api_key_id()));
    if (request->has_overlap()) rotation.overlap = FromProto(request->overlap());
    ASSIGN_OR_RETURN(rotation.idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto issued, api_keys_.Rotate(call.context, call.caller, rotation));
    response->set_secret(std::string(issued.secret.Reveal()));
    *response->mutable_api_key() = ToProto(issued.key);
    response->set_consistency_token(issued.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(EnrollTotp) {
  IDENTITY_ACCOUNT_RUN(EnrollTotp) {
    ASSIGN_OR_RETURN(const auto enrollment,
                     factors_.Enroll(call.context, call.caller, TakeSecret(request->current_password())));
    response->set_otpauth_uri(std::string(enrollment.otpauth_uri.Reveal()));
    response->set_qr_code_png(std::string(enrollment.qr_code_png.Reveal()));
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(ConfirmTotp) {
  IDENTITY_ACCOUNT_RUN(ConfirmTotp) {
    ASSIGN_OR_RETURN(const auto codes, factors_.Confirm(call.context, call.caller, TakeSecret(request->totp_code())));
    Write(codes, *response->mutable_recovery_codes());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(DisableTotp) {
  IDENTITY_ACCOUNT_RUN(DisableTotp) {
    return factors_.Disable(call.context, call.caller, TakeSecret(request->current_password()));
  });
}

IDENTITY_ACCOUNT_RPC(RegenerateRecoveryCodes) {
  IDENTITY_ACCOUNT_RUN(RegenerateRecoveryCodes) {
    ASSIGN_OR_RETURN(const auto codes, factors_.RegenerateRecoveryCodes(call.context, call.caller,
                                                                        TakeSecret(request->current_password())));
    Write(codes, *response->mutable_recovery_codes());
    return absl::OkStatus();
  });
}

IDENTITY_ACCOUNT_RPC(VerifyEmail) {
  IDENTITY_ACCOUNT_RUN(VerifyEmail) {
    return verification_.Verify(call.context, call.caller, TakeSecret(request->token()),
                                FromProto(request->client_info()));
  });
}

IDENTITY_ACCOUNT_RPC(ResendVerification) {
  IDENTITY_ACCOUNT_RUN(ResendVerification) { return verification_.Resend(call.context, call.caller); });
}

IDENTITY_ACCOUNT_RPC(RequestPasswordReset) {
  IDENTITY_ACCOUNT_RUN(RequestPasswordReset) {
    return reset_.Request(call.context, call.caller, request->login(), FromProto(request->client_info()));
  });
}

IDENTITY_ACCOUNT_RPC(ResetPassword) {
  IDENTITY_ACCOUNT_RUN(ResetPassword) {
    const Secret token = TakeSecret(request->token());
    const Secret fresh = TakeSecret(request->new_password());
    ASSIGN_OR_RETURN(const auto done,
                     reset_.Reset(call.context, call.caller, token, fresh, FromProto(request->client_info())));
    response->set_ended_sessions(static_cast<int32_t>(done.ended_sessions));
    response->set_consistency_token(done.token.ToText());
    return absl::OkStatus();
  });
}

#undef IDENTITY_ACCOUNT_RPC
#undef IDENTITY_ACCOUNT_RUN

}  // namespace identity
