#include "conformance/guestbook_service.h"

namespace identity {
namespace {

using guestbook::v1::CountRequest;
using guestbook::v1::PostRequest;
using guestbook::v1::Seen;

grpc::Status Answer(const grpc::ServerContextBase* context, Seen* seen) {
  const Decision* decision = DecisionOf(context);
  if (decision == nullptr) return grpc::Status::OK;
  seen->set_principal_id(decision->principal.id());
  seen->set_username(decision->principal.username());
  seen->set_session_id(decision->session_id);
  for (const std::string& scope : decision->scopes) seen->add_scopes(scope);
  seen->set_consistency_token(decision->consistency_token);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* AnswerLater(grpc::CallbackServerContext* context, Seen* seen) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(Answer(context, seen));
  return reactor;
}

}  // namespace

Rules GuestbookRules() {
  return {
      {"/guestbook.v1.Guestbook/Read", {"posts:read", "orgs/{org}/posts/{post.id}"}},
      {"/guestbook.v1.Guestbook/Update", {"posts:update", "orgs/{org}/posts/{post.id}"}},
      {"/guestbook.v1.Guestbook/Count", {"posts:read", "orgs/{number}"}},
      {"/guestbook.v1.Guestbook/Ping", Rule::Public()},
  };
}

grpc::Status GuestbookService::Read(grpc::ServerContext* context, const PostRequest*, Seen* seen) {
  return Answer(context, seen);
}

grpc::Status GuestbookService::Update(grpc::ServerContext* context, const PostRequest*, Seen* seen) {
  return Answer(context, seen);
}

grpc::Status GuestbookService::Count(grpc::ServerContext* context, const CountRequest*, Seen* seen) {
  return Answer(context, seen);
}

grpc::Status GuestbookService::Ping(grpc::ServerContext* context, const PostRequest*, Seen* seen) {
  return Answer(context, seen);
}

grpc::Status GuestbookService::Forgotten(grpc::ServerContext* context, const PostRequest*, Seen* seen) {
  return Answer(context, seen);
}

grpc::ServerUnaryReactor* GuestbookCallbackService::Read(grpc::CallbackServerContext* context, const PostRequest*,
                                                         Seen* seen) {
  return AnswerLater(context, seen);
}

grpc::ServerUnaryReactor* GuestbookCallbackService::Update(grpc::CallbackServerContext* context, const PostRequest*,
                                                           Seen* seen) {
  return AnswerLater(context, seen);
}

grpc::ServerUnaryReactor* GuestbookCallbackService::Count(grpc::CallbackServerContext* context, const CountRequest*,
                                                          Seen* seen) {
  return AnswerLater(context, seen);
}

grpc::ServerUnaryReactor* GuestbookCallbackService::Ping(grpc::CallbackServerContext* context, const PostRequest*,
                                                         Seen* seen) {
  return AnswerLater(context, seen);
}

grpc::ServerUnaryReactor* GuestbookCallbackService::Forgotten(grpc::CallbackServerContext* context, const PostRequest*,
                                                              Seen* seen) {
  return AnswerLater(context, seen);
}

}  // namespace identity
