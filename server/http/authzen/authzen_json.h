#ifndef IDENTITY_HTTP_AUTHZEN_AUTHZEN_JSON_H_
#define IDENTITY_HTTP_AUTHZEN_AUTHZEN_JSON_H_

#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "server/app/admin/paging.h"
#include "server/http/http_message.h"
#include "server/routes/authzen_template.h"

// The JSON of AuthZEN 1.0. Unknown members are ignored. All errors are INVALID_ARGUMENT, with the member in the field.
namespace identity {

// The body of a request: an object, of the type application/json.
absl::StatusOr<nlohmann::json> ReadAuthZenBody(const HttpRequest& request);

// Which ids and names a question must have.
struct AuthZenNeeds {
  bool subject_id = true;
  bool action = true;
  bool resource_id = true;
};
absl::StatusOr<AuthZenQuestion> ReadAuthZenQuestion(const nlohmann::json& request, const AuthZenNeeds& needs = {});

// What a request for several evaluations asks. A member that an evaluation lacks is that of the request; so are the
// type, the id and the name that a member of an evaluation lacks. A malformed evaluation is its own error.
struct AuthZenBatch {
  enum class Semantic { kExecuteAll, kDenyOnFirstDeny, kPermitOnFirstPermit };
  static constexpr size_t kMaxEvaluations = 1000;
  Semantic semantic = Semantic::kExecuteAll;
  std::vector<absl::StatusOr<AuthZenQuestion>> questions;
};
// Empty questions: the request has no evaluations, so it is a single one.
absl::StatusOr<AuthZenBatch> ReadAuthZenBatch(const nlohmann::json& request);

absl::StatusOr<PageRequest> ReadAuthZenPage(const nlohmann::json& request);

}  // namespace identity

#endif  // IDENTITY_HTTP_AUTHZEN_AUTHZEN_JSON_H_
