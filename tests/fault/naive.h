#ifndef IDENTITY_TESTS_FAULT_NAIVE_H_
#define IDENTITY_TESTS_FAULT_NAIVE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "identity/v1/identity_service.pb.h"

// A second implementation of every decision: the rules of the contract as plain loops over strings, without the
// server's code.
namespace identity::naive {

struct Role {
  std::vector<std::string> permissions;
  std::vector<std::string> inherits;
};
struct Binding {
  std::string principal;
  std::string role;
  std::string resource;
};
struct Principal {
  bool is_user = false;
  bool disabled = false;
};

// Everything that decisions depend on, at one revision.
struct State {
  int64_t revision = 0;
  std::map<std::string, Principal> principals;  // by id, or "anonymous"
  std::map<std::string, Role> roles;            // by name
  std::map<std::string, Binding> bindings;      // by id
  std::set<std::string> keys;                   // ids of all issued keys
  std::set<std::string> ended;                  // texts of access tokens, ids of sessions and keys
};

// The subject of a check.
struct Subject {
  enum class Kind { kId, kAnonymous, kAccessToken, kApiKey };
  Kind kind = Kind::kId;
  std::string principal;
  std::string secret;   // the token or key
  std::string session;  // of the token
  std::string key;      // the id of the key, or of the key that was exchanged for the token
  // The revision of the principal's last change that ended all sessions before this token was issued.
  int64_t generation = 0;
  std::vector<std::string> scopes;
};

struct Question {
  Subject subject;
  std::string permission;
  std::string resource;
};

v1::Reason Decide(const State& state, const Question& question);

}  // namespace identity::naive

#endif  // IDENTITY_TESTS_FAULT_NAIVE_H_
