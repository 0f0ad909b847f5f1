#ifndef IDENTITY_TESTS_SUPPORT_DOCUMENT_SERVER_H_
#define IDENTITY_TESTS_SUPPORT_DOCUMENT_SERVER_H_

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/mail_fixture.h"
#include "tests/support/process.h"

namespace identity {

// The HTTPS server of document_server.py, a process that ends with this object. For one thread.
class DocumentServer {
 public:
  DocumentServer();

  // "https://127.0.0.1:PORT", followed by `path`.
  std::string Url(const std::string& path = "") const;
  // What clients must trust.
  std::string ca_file() const { return certificate_.certificate_file(); }
  // How it answers a path from now on: see document_server.py.
  void Answer(const std::string& path, const nlohmann::json& answer) const;
  // The same for a document that may be kept for `max_age` seconds.
  void Serve(const std::string& path, const std::string& body, int max_age = 300) const;
  // Lets requests go on that wait for `name` ("after").
  void Release(const std::string& name) const { scratch_.Write(std::string("answers/") + name, ""); }
  // How often clients have asked for `path`.
  size_t Requests(const std::string& path) const;
  // The header Authorization of the latest request for `path`. "" when it had none.
  std::string LastAuthorization(const std::string& path) const;
  // From now on nobody gets an answer.
  void Stop() { process_.reset(); }

 private:
  const ScratchDirectory scratch_;
  const TestCertificate certificate_;
  std::unique_ptr<Process> process_;
  std::string port_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_DOCUMENT_SERVER_H_
