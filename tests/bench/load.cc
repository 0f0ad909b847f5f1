#include "tests/bench/load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "identity/errors.h"
#include "identity/v1/identity_service.pb.h"
#include "server/base/status_macros.h"
#include "tests/bench/slots.h"

namespace identity::bench {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
constexpr absl::Duration kLoadTimeout = absl::Seconds(20);
constexpr absl::Duration kDefaultRetryDelay = absl::Milliseconds(100);

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

bool BeginsWith(const grpc::ByteBuffer& buffer, absl::string_view prefix) {
  grpc::Slice slice;
  if (!buffer.TrySingleSlice(&slice).ok()) return absl::StartsWith(TextOf(buffer), prefix);
  return absl::StartsWith({reinterpret_cast<const char*>(slice.begin()), slice.size()}, prefix);
}

bool Contains(const grpc::ByteBuffer& buffer, absl::string_view part) {
  return part.empty() || absl::StrContains(TextOf(buffer), part);
}

absl::Duration AgeOf(const grpc::ByteBuffer& buffer, absl::Time now) {
  v1::CheckPermissionResponse response;
  if (!response.ParseFromString(TextOf(buffer)) || !response.has_checked_at()) return absl::InfiniteDuration();
  return now -
         (absl::FromUnixSeconds(response.checked_at().seconds()) + absl::Nanoseconds(response.checked_at().nanos()));
}

bool IsAllowedBatch(const grpc::ByteBuffer& buffer) {
  v1::BatchCheckPermissionsResponse response;
  return response.ParseFromString(TextOf(buffer)) && !response.results().empty() &&
         std::all_of(response.results().begin(), response.results().end(),
                     [](const auto& result) { return result.response().decision() == v1::DECISION_ALLOWED; });
}

class GrpcSlot final : public Slot {
 public:
  GrpcSlot(Schedule& schedule, grpc::GenericStub& stub, unsigned seed) : Slot(schedule, seed), stub_(stub) {}

 private:
  void Send(absl::string_view request) override;
  void Receive(const grpc::Status& status);
  bool IsExpected();

  grpc::GenericStub& stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  bool has_read_batch_ = false;
};

void GrpcSlot::Send(absl::string_view request) {
  const grpc::Slice slice(request.data(), request.size(), grpc::Slice::STATIC_SLICE);
  request_ = grpc::ByteBuffer(&slice, 1);
  response_.Clear();
  context_ = std::make_unique<grpc::ClientContext>();
  context_->set_deadline(absl::ToChronoTime(absl::Now() + kLoadTimeout));
  if (!options().authorization.empty()) context_->AddMetadata("authorization", options().authorization);
  stub_.UnaryCall(context_.get(), options().method, grpc::StubOptions(), &request_, &response_,
                  [this](grpc::Status status) { Receive(status); });
}

void GrpcSlot::Receive(const grpc::Status& status) {
  const absl::Time now = absl::Now();
  CallEnd end;
  end.code = status.error_code();
  if (status.ok()) {
    end.response_bytes = response_.Length();
    end.is_expected = IsExpected();
    if (options().track_age) end.age = AgeOf(response_, now);
  } else if (options().honor_retry_info) {
    end.retry_delay = RetryInfoOf(FromGrpcStatus(status)).value_or(kDefaultRetryDelay);
  }
  End(end, now);
}

bool GrpcSlot::IsExpected() {
  if (options().expect_allowed_batch && !std::exchange(has_read_batch_, true)) return IsAllowedBatch(response_);
  return BeginsWith(response_, options().expected) && Contains(response_, options().expected_part);
}

absl::StatusOr<std::vector<std::unique_ptr<grpc::GenericStub>>> Connect(const LoadOptions& options) {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (size_t i = 0; i < options.connections; ++i) {
    const std::shared_ptr<grpc::Channel> channel = NewConnection(options.address);
    if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kConnectTimeout))) {
      return absl::UnavailableError(absl::StrCat("cannot connect to ", options.address));
    }
    stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  return stubs;
}

}  // namespace

std::shared_ptr<grpc::Channel> NewConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options, const RequestFile& requests) {
  if (options.rate == 0) RETURN_IF_ERROR(PreemptNobody());
  auto stubs = Connect(options);
  if (!stubs.ok()) return stubs.status();
  Schedule schedule(options, requests, absl::Now());
  std::vector<std::unique_ptr<Slot>> slots;
  for (size_t i = 0; i < options.connections * options.in_flight; ++i) {
    slots.push_back(
        std::make_unique<GrpcSlot>(schedule, *(*stubs)[i % options.connections], static_cast<unsigned>(i + 1)));
  }
  BeginCalls(schedule, slots);
  schedule.AwaitRest(slots.size());
  return Sum(schedule, slots);
}

}  // namespace identity::bench
