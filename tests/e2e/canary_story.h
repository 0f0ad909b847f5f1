#ifndef IDENTITY_TESTS_E2E_CANARY_STORY_H_
#define IDENTITY_TESTS_E2E_CANARY_STORY_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/e2e/canaries.h"
#include "tests/support/deployment.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/methods.h"
#include "tests/support/openid_provider.h"

namespace identity {

// Lets PostgreSQL log all statements of the servers, but no parameters. Parameters hold secrets, and an operator who
// logs them has them in the log. A secret in the text of a statement would be our mistake.
class StatementLog {
 public:
  StatementLog();
  ~StatementLog();
  StatementLog(const StatementLog&) = delete;
  StatementLog& operator=(const StatementLog&) = delete;

  // The log since the construction.
  std::string Text() const;

 private:
  const size_t begin_;
};

// Sends secrets through every RPC, in good calls and in wrong places, of a deployment that sends mail.
//
// It sends no secret in fields that the service shows by design. A user who types a password there has published it:
//
// - names, descriptions, reasons, addresses, user agents
// - a role's permissions and the roles that it inherits, a binding's resource
// - the audience and the scopes of a session or a key
// - the name of an identity provider, its audiences, the names of its claims, and the values that it is trusted with
//
// For one thread.
class Story {
 public:
  Story();
  // Runs the whole story. Once.
  void Tell();

  static constexpr int kReplicas = 2;
  // The name of the one secret that the database stores as received.
  static constexpr char kPasswordHash[] = "identity.v1.CreateUserRequest.password_hash";
  Deployment& deployment() { return deployment_; }
  const Canaries& canaries() const { return canaries_; }
  const StatementLog& statements() const { return statements_; }
  // Whether a call of the method has succeeded.
  bool HasCalled(const google::protobuf::MethodDescriptor& method) const {
    return good_.count(std::string(method.name())) > 0;
  }
  // Everything that calls returned beside their responses, by its source.
  const std::multimap<std::string, std::string>& errors() const { return errors_; }

 private:
  using Message = google::protobuf::Message;
  using MethodDescriptor = google::protobuf::MethodDescriptor;
  using Metadata = std::map<std::string, std::string>;

  std::vector<std::string> Flags();

  // Keeps a secret for the search, and for wrong places.
  void Keep(const std::string& name, const std::string& secret);
  void KeepSensitive(const Message& message);

  // The replica's response, or nothing when the call failed. Remembers everything that came beside the response.
  std::string Call(size_t replica, const std::string& where, const MethodDescriptor& method, const Message& request,
                   const Metadata& metadata, grpc::Status* status);

  // Makes a call that must succeed, with a request in text form. Keeps the secrets of the request and the response.
  template <typename Response, typename... Arguments>
  Response Good(const std::string& name, const std::string& token, absl::string_view text,
                const Arguments&... arguments);

  // The token of an unread mail.
  std::string MailedToken();
  // The code of the authenticator app, `steps` steps from now.
  std::string Code(int steps);
  std::string Admin() { return std::string(*deployment_.AsAdmin().credential); }
  std::string LogIn(const std::string& login, const std::string& password);
  void MakeAccount();
  void UseKeys();
  void Enroll(const std::string& token, const std::string& password);
  void UseSecondFactor();
  // The access token.
  std::string AnswerChallenge(const std::string& kind, const std::string& code);
  void ChangePasswords();
  void EnterProviders();
  void LogInByIdToken(const std::string& subject, const std::string& email);
  void UseProviders();
  void Administer();
  void EditRoles();
  void Check();
  void EndAll();
  // Leaves secrets in the database that their use deletes, so that the search sees them.
  void LeaveSomethingOpen();
  // Puts each secret into each text of each method, in an otherwise valid request. Any outcome is right.
  void PutSecretsInWrongPlaces();
  void PutSecretsBesideAnIdToken();
  void PutInto(const MethodDescriptor& method, const Message& base, const FieldPath& path, const std::string& name,
               const std::string& secret, const Person& caller, const Metadata& metadata);
  void PresentSecretsAsCallers();

  const StatementLog statements_;
  // Receives every mail and never answers, so that sent mails stay in the outbox.
  const SmtpServer smtp_;
  const ScratchDirectory scratch_;
  const DocumentServer documents_;
  const OpenIdProvider provider_{documents_, "corp"};
  Deployment deployment_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  int callers_ = 0;
  size_t wrong_calls_ = 0;
  Canaries canaries_;
  std::map<std::string, std::string> samples_;  // the latest secret of each name
  std::map<std::string, std::unique_ptr<Message>> good_;
  std::unique_ptr<Message> login_by_id_token_;
  std::multimap<std::string, std::string> errors_;
  size_t mails_read_ = 0;
  std::set<std::string> mailed_ = {""};
  std::string seed_;  // the authenticator app's
  std::string ada_;   // her access token
  std::string ada_id_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_E2E_CANARY_STORY_H_
