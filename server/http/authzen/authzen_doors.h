#ifndef IDENTITY_HTTP_AUTHZEN_AUTHZEN_DOORS_H_
#define IDENTITY_HTTP_AUTHZEN_AUTHZEN_DOORS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "server/app/access/evaluations.h"
#include "server/app/admin/searches.h"
#include "server/calls/call_runner.h"
#include "server/http/doors.h"

namespace identity {

// The Authorization API 1.0 of OpenID AuthZEN, for policy enforcement points that speak it:
//
//   /access/v1/evaluation       one decision, for callers with the permission identity:check
//   /access/v1/evaluations      up to 1,000 decisions at one revision, with its three semantics
//   /access/v1/search/subject   who may do this, for callers with the permission identity:bindings:read
//   /access/v1/search/resource  where may they do it
//   /access/v1/search/action    what may they do
//
// A caller authenticates with an access token or an API key as Bearer. Thread-safe.
class AuthZenDoors {
 public:
  // All objects must outlive this one.
  AuthZenDoors(CallRunner& calls, const Evaluations& evaluations, const Searches& searches)
      : calls_(calls), evaluations_(evaluations), searches_(searches) {}

  // Valid as long as this object.
  std::vector<Door> doors();

 private:
  using Answer = absl::StatusOr<std::string>;  // JSON
  using Handler = Answer (AuthZenDoors::*)(const Call& call, const nlohmann::json& request) const;
  using Runner = void (CallRunner::*)(const CallRunner::Request& request, CallRunner::Handler handler);
  Door DoorOf(const char* method, Runner run, Handler handler);
  Answer Evaluate(const Call& call, const nlohmann::json& request) const;
  Answer EvaluateAll(const Call& call, const nlohmann::json& request) const;
  Answer SearchSubjects(const Call& call, const nlohmann::json& request) const;
  Answer SearchResources(const Call& call, const nlohmann::json& request) const;
  Answer SearchActions(const Call& call, const nlohmann::json& request) const;

  CallRunner& calls_;
  const Evaluations& evaluations_;
  const Searches& searches_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_AUTHZEN_AUTHZEN_DOORS_H_
