#ifndef IDENTITY_HTTP_HTTP_CALL_H_
#define IDENTITY_HTTP_HTTP_CALL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/secret.h"
#include "server/calls/incoming_call.h"
#include "server/http/http_message.h"

namespace identity {

// The answer to a call that failed. Doors differ in the form of their errors.
using ErrorForm = HttpResponse (*)(const absl::Status& error, absl::string_view request_id);

// A call that came over HTTP. It exists until its `Finish`, which answers the client and deletes it.
class HttpCall final : public IncomingCall {
 public:
  // The credential is that of the header `Authorization` (Bearer) or `X-Api-Key`, as in gRPC's metadata. `error`: the
  // form of errors.
  static HttpCall& Begin(std::shared_ptr<HttpExchange> exchange, ErrorForm error) {
    return *new HttpCall(std::move(exchange), error);
  }

  // Replaces the credential by an API key, or by none when it is empty. Call it before the call runs.
  void UseApiKey(Secret key);
  // Shows no quota: the caller is a proxy, which may pass the answer on to its client. Call it before the call runs.
  void HideQuota() { shows_quota_ = false; }
  // Replaces the form of errors. Call it before the call runs.
  void UseErrorForm(ErrorForm error) { error_ = error; }

  const HttpRequest& request() const { return exchange_->request(); }
  // The answer if the call succeeds. The handler fills it in.
  HttpResponse& response() { return response_; }

  PresentedCredential credential() const override;
  std::string certificate() const override { return request().certificate; }
  std::string peer_address() const override { return request().peer_address; }
  std::vector<absl::string_view> forwarded_for() const override;
  absl::string_view user_agent() const override { return request().Header("user-agent").value_or(""); }
  absl::optional<TraceContext> trace() const override;
  absl::optional<absl::string_view> request_id() const override { return request().Header("x-request-id"); }
  absl::Time deadline() const override { return absl::InfiniteFuture(); }
  bool cancelled() const override { return exchange_->cancelled(); }
  // Adds `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds, rounded up) for a quota,
  // `Retry-After` for an error that may be retried, and `X-Request-Id`.
  void Finish(const CallOutcome& outcome) override;

 private:
  HttpCall(std::shared_ptr<HttpExchange> exchange, ErrorForm error) : exchange_(std::move(exchange)), error_(error) {}
  ~HttpCall() = default;

  const std::shared_ptr<HttpExchange> exchange_;
  ErrorForm error_;
  absl::optional<Secret> api_key_;  // set: replaces the headers
  bool shows_quota_ = true;
  HttpResponse response_;
};

// That of the headers. Two values for one header are malformed.
PresentedCredential CredentialIn(const HttpRequest& request);

// The HTTP status for an error of the contract.
int HttpStatusOf(absl::StatusCode code);
// Whether the same request may succeed later.
bool IsTemporary(int status);
// RFC 9457, with our reason as an extension: {"type":"about:blank","title","status","detail","reason","request_id",
// "errors":[{"field","rule"}]}. With 401 also WWW-Authenticate (RFC 6750).
HttpResponse ProblemOf(const absl::Status& error, absl::string_view request_id);
// The same with a status of HTTP that does not follow from the error.
HttpResponse ProblemWith(int status, const absl::Status& error, absl::string_view request_id);

}  // namespace identity

#endif  // IDENTITY_HTTP_HTTP_CALL_H_
