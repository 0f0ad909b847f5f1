#include "tests/fault/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/mutex.h"
#include "server/domain/consistency_token.h"
#include "tests/fault/model_writer.h"
#include "tests/support/scrape.h"

namespace identity {
namespace {

constexpr int kFailuresShown = 10;

std::string Describe(const Ledger::Answer& answer, v1::Reason expected) {
  const naive::Question& asked = answer.question;
  return absl::StrCat("at revision ", answer.revision, ": ", asked.permission, " on '", asked.resource, "' by ",
                      asked.subject.principal, " with session '", asked.subject.session, "', key '", asked.subject.key,
                      "', kind ", static_cast<int>(asked.subject.kind), " was ", v1::Reason_Name(answer.reason),
                      " and should be ", v1::Reason_Name(expected));
}

v1::CheckPermissionRequest ToRequest(const naive::Question& question) {
  using Kind = naive::Subject::Kind;
  v1::CheckPermissionRequest request;
  const naive::Subject& subject = question.subject;
  if (subject.kind == Kind::kId) request.set_principal_id(subject.principal);
  if (subject.kind == Kind::kAnonymous) request.set_anonymous(true);
  if (subject.kind == Kind::kAccessToken) request.set_access_token(subject.secret);
  if (subject.kind == Kind::kApiKey) request.set_api_key(subject.secret);
  request.set_permission(question.permission);
  request.set_resource(question.resource);
  return request;
}

// Checks at one replica over a connection of its own. For one thread.
class Checker {
 public:
  Checker(Deployment& deployment, int replica, const Ledger& ledger, const Subjects& subjects, unsigned seed)
      : client_(Connect(deployment.replica(replica).address())),
        as_admin_(deployment.AsAdmin()),
        written_here_(replica == 0),
        ledger_(ledger),
        subjects_(subjects),
        dice_(seed) {}

  std::vector<Ledger::Answer> RunUntil(const std::atomic<bool>& done) {
    while (!done) Ask();
    // Everything is acknowledged now.
    for (int i = 0; i < 20; ++i) Ask();
    return std::move(answers_);
  }

 private:
  void Ask() {
    v1::Consistency consistency;
    const int64_t at_least = ChooseConsistency(consistency);
    const size_t asked = answers_.size();
    if (dice_.Pick(3) == 0) {
      AskBatch(consistency);
    } else {
      AskOne(consistency);
    }
    for (size_t i = asked; i < answers_.size(); ++i) {
      const int64_t revision = answers_[i].revision;
      EXPECT_GE(revision, at_least) << "older than requested: " << consistency.ShortDebugString();
      EXPECT_GE(revision, newest_) << "a connection went back in time";
      EXPECT_EQ(revision, answers_[asked].revision) << "a batch is at one revision";
      newest_ = std::max(newest_, revision);
    }
  }

  // Returns the lowest revision that an answer may have.
  int64_t ChooseConsistency(v1::Consistency& consistency) {
    const int64_t latest = ledger_.latest();
    const int64_t here = written_here_ ? latest : 0;
    switch (dice_.Pick(5)) {
      case 0: {
        consistency.set_at_least_as_fresh(ledger_.RecentToken(dice_));
        return std::max(here, RevisionOf(consistency.at_least_as_fresh()));
      }
      case 1:
        consistency.set_fully_consistent(true);
        return latest;
      case 2:
        consistency.set_minimize_latency(true);
        return here;
      default:
        return here;
    }
  }

  naive::Question RandomQuestion() {
    naive::Question question;
    question.subject = subjects_.Any(dice_);
    question.permission = dice_.Pick(8) == 0 ? "read:own_profile" : dice_.Permission();
    question.resource = dice_.Pick(8) == 0 ? "users/" + question.subject.principal : dice_.Resource();
    return question;
  }

  void AskOne(const v1::Consistency& consistency) {
    const naive::Question question = RandomQuestion();
    v1::CheckPermissionRequest request = ToRequest(question);
    *request.mutable_consistency() = consistency;
    Keep(question, Must(client_->Call(&IdentityRpc::CheckPermission, request, as_admin_)));
  }

  void AskBatch(const v1::Consistency& consistency) {
    v1::BatchCheckPermissionsRequest request;
    *request.mutable_consistency() = consistency;
    std::vector<naive::Question> questions;
    for (size_t i = 0, count = 1 + dice_.Pick(20); i < count; ++i) {
      questions.push_back(RandomQuestion());
      *request.add_checks() = ToRequest(questions.back());
    }
    const v1::BatchCheckPermissionsResponse response =
        Must(client_->Call(&IdentityRpc::BatchCheckPermissions, request, as_admin_));
    for (size_t i = 0; i < questions.size(); ++i) {
      const v1::BatchCheckPermissionsResult& result = response.results(static_cast<int>(i));
      EXPECT_TRUE(result.has_response()) << result.error().message();
      Keep(questions[i], result.response());
    }
  }

  void Keep(const naive::Question& question, const v1::CheckPermissionResponse& response) {
    const bool allowed = response.reason() == v1::REASON_GRANTED;
    EXPECT_EQ(response.decision(), allowed ? v1::DECISION_ALLOWED : v1::DECISION_DENIED);
    answers_.push_back({RevisionOf(response.consistency_token()), question, response.reason()});
  }

  const std::unique_ptr<Client> client_;
  const CallOptions as_admin_;
  const bool written_here_;
  const Ledger& ledger_;
  const Subjects& subjects_;
  Dice dice_;
  int64_t newest_ = 0;
  std::vector<Ledger::Answer> answers_;
};

// The token of a revision that both replicas have reached.
std::string CommonBase(Deployment& deployment) {
  v1::CheckPermissionRequest request;
  request.set_self(true);
  request.set_permission("read:own_profile");
  request.mutable_consistency()->set_fully_consistent(true);
  Must(deployment.client(0).Call(&IdentityRpc::CheckPermission, request, deployment.AsAdmin()));
  return Must(deployment.client(1).Call(&IdentityRpc::CheckPermission, request, deployment.AsAdmin()))
      .consistency_token();
}

template <typename Body>
auto Guarded(const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
    return {};
  }
}

}  // namespace

std::vector<std::string> Dice::Patterns() {
  std::vector<std::string> patterns = {"z"};  // no check asks for it; it keeps the set non-empty
  for (size_t i = 0, count = Pick(3); i < count; ++i) {
    patterns.push_back(Pick(3) == 0 ? Permission() + ":*" : Permission());
  }
  return patterns;
}

std::string Dice::Words(size_t count, char separator) {
  std::vector<std::string> words;
  for (size_t i = 0; i < count; ++i) words.push_back(Pick(3) == 0 ? "b" : "a");
  return absl::StrJoin(words, std::string(1, separator));
}

int64_t RevisionOf(const std::string& consistency_token) {
  const auto token = ConsistencyToken::Parse(consistency_token);
  if (!token) throw std::runtime_error("not a consistency token: " + consistency_token);
  return token->revision;
}

Ledger::Ledger(const std::string& base, naive::State state)
    : initial_(std::move(state)), tokens_({base}), latest_(RevisionOf(base)) {}

int64_t Ledger::Add(const std::string& consistency_token, Effect effect) {
  const int64_t revision = RevisionOf(consistency_token);
  MutexLock lock(mutex_);
  entries_.push_back({revision, std::move(effect)});
  tokens_.push_back(consistency_token);
  latest_ = std::max(latest_.load(), revision);
  return revision;
}

std::string Ledger::RecentToken(Dice& dice) const {
  MutexLock lock(mutex_);
  return tokens_[tokens_.size() - 1 - dice.Pick(std::min<size_t>(tokens_.size(), 5))];
}

std::map<v1::Reason, int> Ledger::Verify(std::vector<Answer> answers) const {
  MutexLock lock(mutex_);
  std::vector<Entry> entries = entries_;
  std::stable_sort(entries.begin(), entries.end(), [](auto& a, auto& b) { return a.revision < b.revision; });
  std::sort(answers.begin(), answers.end(), [](auto& a, auto& b) { return a.revision < b.revision; });
  std::map<v1::Reason, int> reasons;
  naive::State state = initial_;
  auto next = entries.begin();
  int failures = 0;
  for (const Answer& answer : answers) {
    for (; next != entries.end() && next->revision <= answer.revision; ++next) {
      EXPECT_LE(next->revision, state.revision + 1) << "a revision that was never acknowledged";
      state.revision = next->revision;
      next->effect(state);
    }
    ++reasons[answer.reason];
    const v1::Reason expected = naive::Decide(state, answer.question);
    if (expected == answer.reason) continue;
    if (++failures <= kFailuresShown) ADD_FAILURE() << Describe(answer, expected);
  }
  EXPECT_EQ(failures, 0) << "answers of " << answers.size() << " are wrong";
  return reasons;
}

void Subjects::Add(naive::Subject subject) {
  MutexLock lock(mutex_);
  subjects_.push_back(std::move(subject));
}

naive::Subject Subjects::Any(Dice& dice) const {
  MutexLock lock(mutex_);
  const size_t among = dice.Pick(2) == 0 ? std::min<size_t>(subjects_.size(), 10) : subjects_.size();
  return subjects_[subjects_.size() - 1 - dice.Pick(among)];
}

ModelOutcome RunModel(const ModelOptions& options) {
  const int admin_port = FreePort();
  Deployment::Options deployed;
  deployed.flags = options.flags;
  deployed.flags_of_last = {"--admin-address", absl::StrCat("127.0.0.1:", admin_port)};
  Deployment deployment(deployed);

  Subjects subjects;
  subjects.Add({naive::Subject::Kind::kAnonymous, "anonymous", "", "", "", 0, {}});
  RoleNames roles;
  naive::State state;
  state.principals["anonymous"] = {};
  std::vector<Person> users;
  for (int i = 0; i < options.writers; ++i) {
    users.push_back(deployment.NewUser(absl::StrCat("user-", i)));
    state.principals[users.back().id] = {true, false};
    subjects.Add({naive::Subject::Kind::kId, users.back().id, "", "", "", 0, {}});
  }
  const std::string base = CommonBase(deployment);
  state.revision = RevisionOf(base);
  Ledger ledger(base, state);

  std::atomic<int> writing = options.writers;
  std::atomic<bool> done = false;
  const int readers = 2 * options.checkers;
  const auto answers = InParallel(options.writers + readers, [&](int i) {
    const unsigned seed = options.seed + static_cast<unsigned>(i);
    if (i >= options.writers) {
      return Guarded([&] { return Checker(deployment, i % 2, ledger, subjects, seed).RunUntil(done); });
    }
    Guarded([&] {
      Writer writer(deployment, users[static_cast<size_t>(i)], i, {ledger, subjects, roles}, seed);
      for (int n = 0; n < options.changes / options.writers; ++n) writer.Change(options.large_principals);
      return 0;
    });
    if (--writing == 0) done = true;
    return std::vector<Ledger::Answer>();
  });

  std::vector<Ledger::Answer> all;
  for (const auto& some : answers) all.insert(all.end(), some.begin(), some.end());
  ModelOutcome outcome;
  const Scrape metrics = Parse(Fetch(admin_port, "/metrics").body);
  outcome.evictions = static_cast<int64_t>(metrics["identity_view_evictions_total{kind=\"principals\"}"]);
  outcome.reasons = ledger.Verify(std::move(all));
  return outcome;
}

}  // namespace identity
