#include "conformance/driver.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "identity/errors.h"

namespace identity {
namespace {

using Json = Driver::Json;

Json ErrorOf(const absl::Status& status) {
  Json answer = {{"error", absl::StatusCodeToString(status.code())}, {"reason", ErrorReasonOf(status)}};
  if (RetryInfoOf(status)) answer["retry"] = true;
  return answer;
}

// The answer to a command that has no other one.
Json OkOr(const absl::Status& status) { return status.ok() ? Json{{"ok", true}} : ErrorOf(status); }

std::string WithoutPrefix(const std::string& name, absl::string_view prefix) {
  return std::string(absl::StripPrefix(name, prefix));
}

v1::CheckPermissionRequest CheckOf(const Json& command) {
  v1::CheckPermissionRequest check;
  const Json& subject = command.at("subject");
  if (subject.contains("access_token")) check.set_access_token(subject["access_token"].get<std::string>());
  if (subject.contains("api_key")) check.set_api_key(subject["api_key"].get<std::string>());
  if (subject.contains("principal_id")) check.set_principal_id(subject["principal_id"].get<std::string>());
  if (subject.contains("anonymous")) check.set_anonymous(true);
  if (subject.contains("self")) check.set_self(true);
  check.set_permission(command.at("permission").get<std::string>());
  check.set_resource(command.at("resource").get<std::string>());
  return check;
}

Json Check(const Client& client, const v1::CheckPermissionRequest& check) {
  const auto answer = client.Call(&IdentityRpc::CheckPermission, check);
  if (!answer.ok()) return ErrorOf(answer.status());
  Json result = {{"decision", WithoutPrefix(v1::Decision_Name(answer->decision()), "DECISION_")},
                 {"reason", WithoutPrefix(v1::Reason_Name(answer->reason()), "REASON_")},
                 {"username", answer->principal().username()}};
  if (answer->has_quota() && answer->quota().remaining() == 0) result["retry"] = true;
  return result;
}

// Such as "ALLOWED/GRANTED" or "UNAVAILABLE/".
std::string KindOf(const Json& answer) {
  const Json& outcome = answer.contains("error") ? answer["error"] : answer["decision"];
  return absl::StrCat(outcome.get<std::string>(), "/", answer["reason"].get<std::string>());
}

TokenSource SourceOf(const Json& credential) {
  if (credential.is_null()) return nullptr;
  if (credential.contains("text")) return FixedToken(credential["text"].get<std::string>());
  return TokenFile(credential.at("file").get<std::string>());
}

}  // namespace

Json Driver::Do(const Json& command) {
  const std::string name = command.at("do").get<std::string>();
  if (name == "connect") return Connect(command);
  if (name == "check") return Check(*client_, CheckOf(command));
  if (name == "check_many") return CheckMany(command);
  if (name == "create_role") return CreateRole(command);
  if (name == "log_in") return LogIn(command);
  if (name == "advance_clock") return AdvanceClock(command);
  if (name == "use_session") return UseSession(command);
  if (name == "serve") return Serve();
  if (name == "verify") return Verify(command);
  throw std::invalid_argument("there is no such command");
}

Json Driver::Connect(const Json& command) {
  server_.reset();
  guard_.reset();
  session_.reset();
  ClientOptions options;
  options.address = command.at("address").get<std::string>();
  options.plaintext = command.at("plaintext").get<bool>();
  options.credential = SourceOf(command.at("credential"));
  if (command.contains("deadline_ms")) options.deadline = absl::Milliseconds(command["deadline_ms"].get<int>());
  client_ = Client::Create(std::move(options)).value();
  return {{"ok", true}};
}

Json Driver::CheckMany(const Json& command) {
  const v1::CheckPermissionRequest check = CheckOf(command);
  std::map<std::string, int> counts;
  for (int i = 0; i < command.at("times").get<int>(); ++i) ++counts[KindOf(Check(*client_, check))];
  return counts;
}

Json Driver::CreateRole(const Json& command) {
  v1::CreateRoleRequest request;
  request.mutable_role()->set_name(command.at("name").get<std::string>());
  request.set_request_id(command.at("request_id").get<std::string>());
  return OkOr(client_->Call(&AdminRpc::CreateRole, request).status());
}

Json Driver::LogIn(const Json& command) {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(command.at("login").get<std::string>());
  request.mutable_password()->set_password(command.at("password").get<std::string>());
  const auto answer = client_->Call(&IdentityRpc::Authenticate, request);
  if (!answer.ok()) return ErrorOf(answer.status());
  session_ = std::make_unique<Session>(*client_, answer->tokens(), [this] { return Now(); });
  return {{"ok", true}, {"principal_id", session_->principal_id()}, {"session_id", session_->id()}};
}

Json Driver::AdvanceClock(const Json& command) {
  seconds_ahead_ += command.at("seconds").get<int64_t>();
  return {{"ok", true}};
}

absl::Time Driver::Now() const { return absl::Now() + absl::Seconds(seconds_ahead_.load()); }

Json Driver::UseSession(const Json& command) {
  v1::CheckPermissionRequest check;
  check.set_permission("posts:read");
  check.set_resource("orgs/acme/posts/p1");
  struct Use {
    std::string token;
    std::string kind;
  };
  std::vector<Use> uses(command.at("parallel").get<size_t>());
  std::vector<std::thread> threads;
  for (Use& use : uses) {
    threads.emplace_back([this, &use, check]() mutable {
      const absl::StatusOr<Token> token = session_->AccessToken();
      if (token.ok()) {
        use.token = std::string(token->Reveal());
        check.set_access_token(use.token);
      }
      use.kind = KindOf(token.ok() ? Check(*client_, check) : ErrorOf(token.status()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, int> answers;
  std::set<std::string> tokens;
  for (const Use& use : uses) {
    ++answers[use.kind];
    if (!use.token.empty()) tokens.insert(use.token);
  }
  return {{"answers", answers}, {"tokens", tokens.size()}};
}

Json Driver::Serve() {
  server_.reset();
  guard_ = Guard::Create(*client_, GuestbookRules()).value();
  GuardedServerBuilder builder(*guard_);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  if (has_callbacks_) {
    builder.RegisterService<guestbook::v1::Guestbook>(&callback_service_);
  } else {
    builder.RegisterService<guestbook::v1::Guestbook>(&service_);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) throw std::runtime_error("the server does not start");
  return {{"port", port}};
}

Json Driver::Verify(const Json& command) {
  TokenVerifier::Options options;
  options.keys_url = command.at("jwks").get<std::string>();
  options.issuer = command.at("issuer").get<std::string>();
  options.audience = command.at("audience").get<std::string>();
  const std::string key = absl::StrCat(options.keys_url, " ", options.issuer, " ", options.audience);
  if (verifiers_.count(key) == 0) verifiers_[key] = TokenVerifier::Create(std::move(options)).value();
  const absl::StatusOr<VerifiedToken> token = verifiers_[key]->Verify(command.at("token").get<std::string>());
  if (!token.ok()) return {{"error", "INVALID"}};
  return {{"subject", token->subject()}};
}

}  // namespace identity
