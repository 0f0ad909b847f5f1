#include "identity/client.h"

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "identity/errors.h"

namespace identity {
inline namespace client {
namespace {

constexpr int kMaxAnswerBytes = 8 * 1024 * 1024;  // a batch of 1,000 with explanations
// Not more often than servers accept. A connection to a host that vanished ends after both together.
constexpr int kKeepaliveMilliseconds = 20'000;
constexpr int kKeepaliveTimeoutMilliseconds = 5'000;
// The least time between two look-ups of the name. A client looks it up when a server closes its connection, and so
// finds new replicas.
constexpr int kResolveMilliseconds = 5'000;

absl::StatusOr<std::string> ReadPem(const std::string& name) {
  std::ifstream file(name);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) return absl::NotFoundError(absl::StrCat("cannot read ", name));
  return text.str();
}

// Reads the file if there is one.
absl::Status ReadPemInto(std::string& pem, const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> text = ReadPem(name);
  if (!text.ok()) return text.status();
  pem = *std::move(text);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentialsOf(const ClientOptions& options) {
  if (options.plaintext) return grpc::InsecureChannelCredentials();
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return absl::InvalidArgumentError("tls_certificate_file and tls_key_file: give both or none");
  }
  grpc::SslCredentialsOptions tls;
  absl::Status read = ReadPemInto(tls.pem_root_certs, options.tls_root_file);
  read.Update(ReadPemInto(tls.pem_cert_chain, options.tls_certificate_file));
  read.Update(ReadPemInto(tls.pem_private_key, options.tls_key_file));
  if (!read.ok()) return read;
  return grpc::SslCredentials(tls);
}

// Each replica has a connection, also while there are no calls.
constexpr char kServiceConfig[] = R"({"loadBalancingConfig": [{"round_robin": {}}]})";
// Also, a replica gets calls only while its health service says SERVING, or if it has none.
constexpr char kServiceConfigWithHealth[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": "identity.v1.IdentityService"}
})";

grpc::ChannelArguments ArgumentsOf(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // Does not share connections, because another client of the process may be drained or throttled.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetServiceConfigJSON(options.watch_health ? kServiceConfigWithHealth : kServiceConfig);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMilliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kResolveMilliseconds);
  return arguments;
}

bool IsHostAndPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 && absl::SimpleAtoi(address.substr(colon + 1), &port);
}

// The targets of gRPC in an address. gRPC itself takes a list only of IP addresses, which then share one name in TLS.
absl::StatusOr<std::vector<std::string>> TargetsOf(absl::string_view address) {
  if (address.empty()) return absl::InvalidArgumentError("address: is required, such as localhost:50051");
  const bool is_target = absl::StartsWith(address, "ipv4:") || absl::StartsWith(address, "ipv6:");
  if (is_target || !absl::StrContains(address, ',')) return std::vector<std::string>{std::string(address)};
  std::vector<std::string> targets;
  for (const absl::string_view part : absl::StrSplit(address, ',')) {
    targets.emplace_back(absl::StripAsciiWhitespace(part));
    if (!IsHostAndPort(targets.back())) {
      return absl::InvalidArgumentError(absl::StrCat("address: not HOST:PORT in a list: ", part));
    }
  }
  return targets;
}

}  // namespace

// The addresses of the list, each with connections of its own. Thread-safe.
class Client::Replicas {
 public:
  explicit Replicas(const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
    for (const std::shared_ptr<grpc::Channel>& channel : channels) {
      replicas_.push_back({channel,
                           {v1::AccountService::NewStub(channel), v1::AdminService::NewStub(channel),
                            v1::IdentityService::NewStub(channel)}});
    }
  }

  // The next one in turn, but without those that are not connected if one is.
  const Replica& Next() {
    const size_t turn = turn_++;
    for (size_t i = 0; replicas_.size() > 1 && i < replicas_.size(); ++i) {
      const Replica& replica = replicas_[(turn + i) % replicas_.size()];
      if (replica.channel->GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY) return replica;
    }
    return replicas_[turn % replicas_.size()];
  }

 private:
  std::vector<Replica> replicas_;
  std::atomic<size_t> turn_ = 0;
};

// What the attempts of one call share.
class Client::Attempts {
 public:
  static absl::StatusOr<Attempts> Begin(const ClientOptions& client, const google::protobuf::Message& request,
                                        const CallOptions& call) {
    Attempts attempts(client.retry, IdempotencyPolicy().Of(request),
                      absl::Now() + call.deadline.value_or(client.deadline));
    if (call.credential) {
      attempts.credential_ = Token(std::string(*call.credential));
    } else if (client.credential != nullptr) {
      absl::StatusOr<Token> token = client.credential();
      if (!token.ok()) return token.status();
      attempts.credential_ = *std::move(token);
    } else {
      return attempts;
    }
    // gRPC ends the program when it cannot send a text.
    if (IsCredential(attempts.credential_.Reveal())) return attempts;
    return absl::UnauthenticatedError("the credential of the client is empty or not printable");
  }

  void Prepare(grpc::ClientContext& context) const {
    context.set_deadline(absl::ToChronoTime(deadline_));
    if (credential_.empty()) return;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", credential_.Reveal()));
  }

  // The pause before the next attempt. nullopt: there is none.
  absl::optional<absl::Duration> PauseAfter(const absl::Status& status) {
    if (!retry_.Allows(status, repeat_, ++made_)) return absl::nullopt;
    const absl::Duration pause = BackoffPolicy().Delay(status, made_, absl::Uniform(absl::BitGen(), 0.0, 1.0));
    if (absl::Now() + pause >= deadline_) return absl::nullopt;
    return pause;
  }

 private:
  Attempts(RetryPolicy retry, Repeat repeat, absl::Time deadline)
      : retry_(retry), repeat_(repeat), deadline_(deadline) {}

  RetryPolicy retry_;
  Repeat repeat_;
  absl::Time deadline_;
  Token credential_;
  int made_ = 0;
};

// A check that no thread waits for. It deletes itself after `done`.
class Client::AsyncCheck {
 public:
  using Done = std::function<void(absl::StatusOr<v1::CheckPermissionResponse>)>;

  AsyncCheck(std::shared_ptr<Replicas> replicas, Attempts attempts, v1::CheckPermissionRequest request, Done done)
      : replicas_(std::move(replicas)),
        attempts_(std::move(attempts)),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void Attempt() {
    context_.emplace();
    attempts_.Prepare(*context_);
    const auto& stub = std::get<std::unique_ptr<IdentityRpc>>(replicas_->Next().stubs);
    stub->async()->CheckPermission(&*context_, &request_, &response_,
                                   [this](const grpc::Status& status) { End(FromGrpcStatus(status)); });
  }

 private:
  void End(const absl::Status& status) {
    if (const absl::optional<absl::Duration> pause = attempts_.PauseAfter(status)) {
      alarm_.emplace();
      alarm_->Set(absl::ToChronoTime(absl::Now() + *pause), [this](bool) { Attempt(); });
      return;
    }
    if (status.ok()) {
      done_(std::move(response_));
    } else {
      done_(status);
    }
    delete this;
  }

  const std::shared_ptr<Replicas> replicas_;
  Attempts attempts_;
  const v1::CheckPermissionRequest request_;
  const Done done_;
  v1::CheckPermissionResponse response_;
  std::optional<grpc::ClientContext> context_;
  std::optional<grpc::Alarm> alarm_;
};

absl::StatusOr<std::unique_ptr<Client>> Client::Create(ClientOptions options) {
  const absl::StatusOr<std::vector<std::string>> targets = TargetsOf(options.address);
  if (!targets.ok()) return targets.status();
  const absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = ChannelCredentialsOf(options);
  if (!credentials.ok()) return credentials.status();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (const std::string& target : *targets) {
    channels.push_back(grpc::CreateCustomChannel(target, *credentials, ArgumentsOf(options)));
  }
  return std::unique_ptr<Client>(new Client(std::move(options), std::make_shared<Replicas>(channels)));
}

Client::Client(ClientOptions options, std::shared_ptr<Replicas> replicas)
    : options_(std::move(options)), replicas_(std::move(replicas)) {}

std::unique_ptr<Client> Client::As(TokenSource credential) const {
  ClientOptions options = options_;
  options.credential = std::move(credential);
  return std::unique_ptr<Client>(new Client(std::move(options), replicas_));
}

absl::Status Client::Run(const google::protobuf::Message& request, const CallOptions& options,
                         absl::FunctionRef<grpc::Status(const Replica&, grpc::ClientContext&)> attempt) const {
  absl::StatusOr<Attempts> attempts = Attempts::Begin(options_, request, options);
  if (!attempts.ok()) return attempts.status();
  while (true) {
    grpc::ClientContext context;
    attempts->Prepare(context);
    absl::Status status = FromGrpcStatus(attempt(replicas_->Next(), context));
    const absl::optional<absl::Duration> pause = attempts->PauseAfter(status);
    if (!pause) return status;
    absl::SleepFor(*pause);
  }
}

void Client::CheckAsync(v1::CheckPermissionRequest request, const CallOptions& options,
                        std::function<void(absl::StatusOr<v1::CheckPermissionResponse>)> done) const {
  absl::StatusOr<Attempts> attempts = Attempts::Begin(options_, request, options);
  if (!attempts.ok()) return done(attempts.status());
  (new AsyncCheck(replicas_, *std::move(attempts), std::move(request), std::move(done)))->Attempt();
}

}  // namespace client
}  // namespace identity
