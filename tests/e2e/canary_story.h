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

namespace identity {

// What PostgreSQL is told to log: all statements of the servers, and of none the parameters, for those hold secrets and
// whoever lets PostgreSQL log them has them there. A secret in a statement's own text would be our mistake.
class StatementLog {
 public:
  StatementLog();
  ~StatementLog();
  StatementLog(const StatementLog&) = delete;
  StatementLog& operator=(const StatementLog&) = delete;

  // Since this was made.
  std::string Text() const;

 private:
  const size_t begin_;
};

// Sends secrets through every RPC, in good calls and in wrong places, of a deployment that sends mail.
//
// Not put anywhere is what its writer is shown again by design: names, descriptions, reasons, addresses, user agents, a
// role's permissions and what it inherits, a binding's resource, and what a session or key keeps of its request
// (audience, scopes). Who types a password there has published it. For one thread.
class Story {
 public:
  Story();
  // All of it, once.
  void Tell();

  static constexpr int kReplicas = 2;
  // Of the one secret that the database keeps as it came.
  static constexpr char kPasswordHash[] = "identity.v1.CreateUserRequest.password_hash";
  Deployment& deployment() { return deployment_; }
  const Canaries& canaries() const { return canaries_; }
  const StatementLog& statements() const { return statements_; }
  // A call of the method has succeeded.
  bool HasCalled(const google::protobuf::MethodDescriptor& method) const {
    return good_.count(std::string(method.name())) > 0;
  }
  // All that calls told beside their answers, by where.
  const std::multimap<std::string, std::string>& errors() const { return errors_; }

 private:
  using Message = google::protobuf::Message;
  using MethodDescriptor = google::protobuf::MethodDescriptor;
  using Metadata = std::map<std::string, std::string>;

  std::vector<std::string> Flags();

  // For the search, and to be put into wrong places.
  void Keep(const std::string& name, const std::string& secret);
  void KeepSensitive(const Message& message);

  // What the replica answered, nothing when the call failed. All that came beside the answer is remembered.
  std::string Call(size_t replica, const std::string& where, const MethodDescriptor& method, const Message& request,
                   const Metadata& metadata, grpc::Status* status);

  // A call that must succeed, with a request in text form. What is secret in it and in its answer is kept.
  template <typename Response, typename... Arguments>
  Response Good(const std::string& name, const std::string& token, absl::string_view text,
                const Arguments&... arguments);

  // The token of a mail that was not read before.
  std::string MailedToken();
  // Of the authenticator app, so many steps from now.
  std::string Code(int steps);
  std::string Admin() { return std::string(deployment_.AsAdmin().credential); }
  std::string LogIn(const std::string& login, const std::string& password);
  void MakeAccount();
  void UseKeys();
  void Enroll(const std::string& token, const std::string& password);
  void UseSecondFactor();
  // The access token.
  std::string AnswerChallenge(const std::string& kind, const std::string& code);
  void ChangePasswords();
  void Administer();
  void EditRoles();
  void Check();
  void EndAll();
  // What is deleted once it was used has to be there for the search.
  void LeaveSomethingOpen();
  // Each secret in each text of each method, in a request that is good but for that. Whatever comes of it is right.
  void PutSecretsInWrongPlaces();
  void PutInto(const MethodDescriptor& method, const Message& base, const FieldPath& path, const std::string& name,
               const std::string& secret, const Person& caller, const Metadata& metadata);
  void PresentSecretsAsCallers();

  const StatementLog statements_;
  // It keeps every mail and answers none, so that what was sent stays in the outbox.
  const SmtpServer smtp_;
  const ScratchDirectory scratch_;
  Deployment deployment_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  int callers_ = 0;
  size_t wrong_calls_ = 0;
  Canaries canaries_;
  std::map<std::string, std::string> samples_;  // the latest secret of each name
  std::map<std::string, std::unique_ptr<Message>> good_;
  std::multimap<std::string, std::string> errors_;
  size_t mails_read_ = 0;
  std::set<std::string> mailed_ = {""};
  std::string seed_;  // of the authenticator app
  std::string ada_;   // her access token
  std::string ada_id_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_E2E_CANARY_STORY_H_
