#include "server/domain/principal_facts.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <type_traits>

#include "server/base/enum_names.h"

// The block:
//   block   = head username *binding
//   binding = tail role resource
// Head and tail are copied as bytes, so the block needs no alignment.
namespace identity {
namespace {

constexpr EnumName<PrincipalType> kTypes[] = {{PrincipalType::kUser, "user"},
                                              {PrincipalType::kServiceAccount, "service_account"},
                                              {PrincipalType::kAnonymous, "anonymous"}};
static_assert(NamesEach(kTypes, PrincipalType::kAnonymous));

struct Head {
  Uuid id;
  int64_t epoch;
  uint32_t bytes;  // of the whole block
  uint16_t binding_count;
  uint16_t username_bytes;
  PrincipalType type;
  bool disabled;
};

struct Tail {
  int64_t expire_time;  // in microseconds since 1970; the largest value means never
  Uuid id;
  uint16_t role_bytes;
  uint16_t resource_bytes;
};

constexpr size_t kTailBytes = sizeof(int64_t) + sizeof(Uuid) + 2 * sizeof(uint16_t);
constexpr size_t kHeadBytes = sizeof(Uuid) + sizeof(int64_t) + sizeof(uint32_t) + 2 * sizeof(uint16_t) + 2;
static_assert(offsetof(Head, disabled) + 1 == kHeadBytes && offsetof(Tail, resource_bytes) + 2 == kTailBytes);
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

int64_t PackTime(absl::Time time) { return time == absl::InfiniteFuture() ? kNever : absl::ToUnixMicros(time); }
absl::Time UnpackTime(int64_t micros) {
  return micros == kNever ? absl::InfiniteFuture() : absl::FromUnixMicros(micros);
}

template <typename T>
T Read(const char* at) {
  T value;
  std::memcpy(static_cast<void*>(&value), at, std::is_same_v<T, Head> ? kHeadBytes : kTailBytes);
  return value;
}

Head HeadOf(const SharedBlock& block) { return Read<Head>(block.data()); }

char* Write(char* at, const void* bytes, size_t count) {
  std::memcpy(at, bytes, count);
  return at + count;
}

char* Write(char* at, absl::string_view text) { return std::copy(text.begin(), text.end(), at); }

size_t BytesOf(const Tail& tail) { return kTailBytes + tail.role_bytes + tail.resource_bytes; }

size_t BytesOf(const PrincipalFacts::Fields& fields, const std::vector<Binding>& bindings) {
  size_t bytes = kHeadBytes + fields.username.size();
  for (const Binding& binding : bindings) bytes += kTailBytes + binding.role.size() + binding.resource.text().size();
  return bytes;
}

}  // namespace

absl::string_view NameOf(PrincipalType type) { return NameIn(kTypes, type); }

absl::optional<PrincipalType> ParsePrincipalType(absl::string_view name) { return FindByName(kTypes, name); }

Binding BindingView::ToBinding() const {
  // The text was parsed when the block was made.
  return {id, std::string(role), *Resource::Parse(resource), expire_time};
}

PrincipalFacts::PrincipalFacts(const Fields& fields, const std::vector<Binding>& bindings)
    : block_(BytesOf(fields, bindings)) {
  const Head head = {fields.id.uuid(),
                     fields.epoch,
                     static_cast<uint32_t>(BytesOf(fields, bindings)),
                     static_cast<uint16_t>(bindings.size()),
                     static_cast<uint16_t>(fields.username.size()),
                     fields.type,
                     fields.disabled};
  char* at = Write(block_.data(), &head, kHeadBytes);
  at = Write(at, fields.username);
  for (const Binding& binding : bindings) {
    const Tail tail = {PackTime(binding.expire_time), binding.id.uuid(), static_cast<uint16_t>(binding.role.size()),
                       static_cast<uint16_t>(binding.resource.text().size())};
    at = Write(at, &tail, kTailBytes);
    at = Write(at, binding.role);
    at = Write(at, binding.resource.text());
  }
}

PrincipalId PrincipalFacts::id() const { return PrincipalId(HeadOf(block_).id); }

PrincipalType PrincipalFacts::type() const { return HeadOf(block_).type; }

absl::string_view PrincipalFacts::username() const {
  return {block_.data() + kHeadBytes, HeadOf(block_).username_bytes};
}

bool PrincipalFacts::disabled() const { return HeadOf(block_).disabled; }

int64_t PrincipalFacts::epoch() const { return HeadOf(block_).epoch; }

PrincipalFacts::Fields PrincipalFacts::fields() const {
  return {id(), type(), std::string(username()), disabled(), epoch()};
}

PrincipalFacts::Bindings PrincipalFacts::bindings() const {
  const Head head = HeadOf(block_);
  const char* begin = block_.data() + kHeadBytes + head.username_bytes;
  return {begin, block_.data() + head.bytes, head.binding_count};
}

std::vector<Binding> PrincipalFacts::CopyBindings() const {
  std::vector<Binding> copies;
  copies.reserve(bindings().size());
  for (const BindingView& binding : bindings()) copies.push_back(binding.ToBinding());
  return copies;
}

size_t PrincipalFacts::memory() const { return HeadOf(block_).bytes; }

BindingView PrincipalFacts::Bindings::Iterator::operator*() const {
  const Tail tail = Read<Tail>(at_);
  const char* text = at_ + kTailBytes;
  return {BindingId(tail.id),
          {text, tail.role_bytes},
          {text + tail.role_bytes, tail.resource_bytes},
          UnpackTime(tail.expire_time)};
}

PrincipalFacts::Bindings::Iterator& PrincipalFacts::Bindings::Iterator::operator++() {
  at_ += BytesOf(Read<Tail>(at_));
  return *this;
}

}  // namespace identity
