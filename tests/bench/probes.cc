#include "tests/bench/probes.h"

#include <arpa/inet.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "identity/errors.h"
#include "identity/v1/identity_service.grpc.pb.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "tests/bench/load.h"
#include "tests/bench/minting.h"

namespace identity::bench {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(10);
constexpr absl::Duration kPause = absl::Milliseconds(1);
// Callers that seed.py made: a super admin, with the permission to end all sessions, and a backend, with the permission
// to check.
constexpr uint64_t kAdmin = 2;
constexpr uint64_t kBackend = 1;

// gRPC waits long after a refused connection. So a plain socket tries first.
bool Listens(const std::string& address) {
  const std::vector<std::string> parts = absl::StrSplit(address, ':');
  uint32_t port = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &port)) return false;
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, parts[0].c_str(), &to.sin_addr);
  const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(file, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
  close(file);
  return connected;
}

bool IsServing(grpc::GenericStub& stub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
  const grpc::Slice empty;
  const grpc::ByteBuffer sent(&empty, 1);
  grpc::ByteBuffer received;
  absl::Notification done;
  grpc::Status status;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &sent, &received,
                 [&](grpc::Status outcome) {
                   status = std::move(outcome);
                   done.Notify();
                 });
  done.WaitForNotification();
  grpc::Slice slice;
  grpc::health::v1::HealthCheckResponse response;
  return status.ok() && received.TrySingleSlice(&slice).ok() &&
         response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())) &&
         response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

double MonotonicSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::unique_ptr<grpc::ClientContext> NewContext(const std::string& token) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
  context->AddMetadata("authorization", "Bearer " + token);
  return context;
}

// Revokes sessions at one replica and checks at the other. Thread-safe.
class RevocationProbe {
 public:
  RevocationProbe(const RevocationOptions& options, const Mint& mint)
      : options_(options),
        mint_(mint),
        revoker_(v1::IdentityService::NewStub(NewConnection(options.revoke_at))),
        checker_(v1::IdentityService::NewStub(NewConnection(options.check_at))),
        admin_token_(mint.AccessToken(Group::kCallers, kAdmin)),
        backend_token_(mint.AccessToken(Group::kCallers, kBackend)) {}

  // nullopt: the revocation did not arrive in time.
  absl::StatusOr<absl::optional<absl::Duration>> Measure(uint64_t user) const {
    v1::CheckPermissionRequest check;
    check.set_access_token(mint_.AccessToken(Group::kUsers, user));
    check.set_permission("read:own_profile");
    check.set_resource("users/" + PrincipalNumber(Group::kUsers, user).ToString());
    ASSIGN_OR_RETURN(const bool allowed, IsAllowed(check));
    if (!allowed) return absl::FailedPreconditionError(absl::StrCat("user ", user, " is denied before the revocation"));
    RETURN_IF_ERROR(Revoke(user));
    const absl::Time revoked = absl::Now();
    while (absl::Now() < revoked + kCallTimeout) {
      ASSIGN_OR_RETURN(const bool still_allowed, IsAllowed(check));
      if (!still_allowed) return absl::optional<absl::Duration>(absl::Now() - revoked);
      if (options_.poll_interval > absl::ZeroDuration()) absl::SleepFor(options_.poll_interval);
    }
    return absl::optional<absl::Duration>();
  }

 private:
  absl::StatusOr<bool> IsAllowed(const v1::CheckPermissionRequest& request) const {
    v1::CheckPermissionResponse response;
    RETURN_IF_ERROR(FromGrpcStatus(checker_->CheckPermission(NewContext(backend_token_).get(), request, &response)));
    return response.decision() == v1::DECISION_ALLOWED;
  }

  absl::Status Revoke(uint64_t user) const {
    v1::RevokeRequest request;
    request.set_session_id(SessionNumber(Group::kUsers, user).ToString());
    v1::RevokeResponse response;
    return FromGrpcStatus(revoker_->Revoke(NewContext(admin_token_).get(), request, &response));
  }

  const RevocationOptions& options_;
  const Mint& mint_;
  const std::unique_ptr<v1::IdentityService::Stub> revoker_;
  const std::unique_ptr<v1::IdentityService::Stub> checker_;
  const std::string admin_token_;
  const std::string backend_token_;
};

// Makes one login that must be refused, and measures its duration.
absl::StatusOr<absl::Duration> TimeRefusal(v1::IdentityService::Stub& stub, const std::string& login,
                                           const std::string& password) {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(login);
  request.mutable_password()->set_password(password);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
  v1::AuthenticateResponse response;
  const absl::Time start = absl::Now();
  const grpc::Status outcome = stub.Authenticate(&context, request, &response);
  const absl::Duration took = absl::Now() - start;
  const absl::Status status = FromGrpcStatus(outcome);
  if (absl::IsUnauthenticated(status) && ErrorReasonOf(status) == "INVALID_CREDENTIALS") return took;
  return absl::InternalError(absl::StrCat(login, " ended with ", status.ToString()));
}

}  // namespace

absl::StatusOr<double> AwaitServing(const std::string& address, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!Listens(address)) {
    if (absl::Now() > deadline) return absl::DeadlineExceededError(absl::StrCat("nobody listens on ", address));
    absl::SleepFor(kPause);
  }
  grpc::GenericStub stub(NewConnection(address));
  while (!IsServing(stub)) {
    if (absl::Now() > deadline) return absl::DeadlineExceededError(absl::StrCat(address, " is not SERVING"));
    absl::SleepFor(kPause);
  }
  return MonotonicSeconds();
}

absl::StatusOr<RevocationLag> MeasureRevocation(const RevocationOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Mint> mint, Mint::Create(options.database_url, options.master_key_file));
  const RevocationProbe probe(options, *mint);
  absl::Mutex mutex;
  RevocationLag result;
  absl::Status failure;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < options.parallel; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = t; i < options.count; i += options.parallel) {
        const absl::StatusOr<absl::optional<absl::Duration>> lag = probe.Measure(options.first + i);
        MutexLock lock(mutex);
        if (!lag.ok()) failure = lag.status();
        if (!failure.ok()) return;
        if (*lag) {
          result.lag.Add(**lag);
        } else {
          ++result.unseen;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (!failure.ok()) return failure;
  return result;
}

absl::StatusOr<std::vector<Histogram>> MeasureRefusedLogins(const LoginOptions& options) {
  const uint64_t count = options.kinds * options.users * options.rounds;
  std::atomic<uint64_t> next{0};
  absl::Mutex mutex;
  std::vector<Histogram> result(options.kinds);
  absl::Status failure;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < options.parallel; ++t) {
    threads.emplace_back([&] {
      const auto stub = v1::IdentityService::NewStub(NewConnection(options.address));
      for (uint64_t i = next++; i < count; i = next++) {
        const uint64_t kind = i % options.kinds;
        const uint64_t user = 1 + kind * options.users + i / options.kinds % options.users;
        const auto took = TimeRefusal(*stub, absl::StrCat("user-", user), options.password);
        MutexLock lock(mutex);
        if (!took.ok()) failure = took.status();
        if (!failure.ok()) return;
        result[kind].Add(*took);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (!failure.ok()) return failure;
  return result;
}

}  // namespace identity::bench
