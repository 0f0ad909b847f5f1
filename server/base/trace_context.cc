#include "server/base/trace_context.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace identity {
namespace {

// "00-", 32 digits of the trace, "-", 16 digits of the span, "-", 2 digits of flags. Later versions may append more.
constexpr size_t kVersionZeroBytes = 55;
constexpr uint8_t kSampledFlag = 1;

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f'); });
}

// nullopt unless `hex` has exactly the digits of `Bytes`.
template <typename Bytes>
absl::optional<Bytes> FromHex(absl::string_view hex) {
  Bytes bytes{};
  size_t size = 0;
  const int result = sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, &size, nullptr);
  if (!IsLowerHex(hex) || result != 0 || size != bytes.size()) return absl::nullopt;
  return bytes;
}

// Zero is no id.
template <typename Id>
absl::optional<Id> ReadId(absl::string_view hex) {
  const auto id = FromHex<Id>(hex);
  return id == Id{} ? absl::nullopt : id;
}

template <typename Id>
std::string Hex(const Id& id) {
  return absl::BytesToHexString(std::string(id.begin(), id.end()));
}

}  // namespace

absl::optional<TraceContext> TraceContext::Parse(absl::string_view traceparent) {
  const absl::string_view version = traceparent.substr(0, 2);
  if (traceparent.size() < kVersionZeroBytes || !IsLowerHex(version) || version == "ff") return absl::nullopt;
  const bool has_more = traceparent.size() > kVersionZeroBytes;
  if (has_more && (version == "00" || traceparent[kVersionZeroBytes] != '-')) return absl::nullopt;
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return absl::nullopt;
  const auto trace_id = ReadId<TraceId>(traceparent.substr(3, 32));
  const auto span_id = ReadId<SpanId>(traceparent.substr(36, 16));
  const auto flags = FromHex<std::array<uint8_t, 1>>(traceparent.substr(53, 2));
  if (!trace_id || !span_id || !flags) return absl::nullopt;
  return TraceContext{*trace_id, *span_id, ((*flags)[0] & kSampledFlag) != 0};
}

std::string TraceContext::ToString() const {
  return absl::StrCat("00-", Hex(trace_id), "-", Hex(span_id), sampled ? "-01" : "-00");
}

std::string ToHex(const TraceId& id) { return Hex(id); }

}  // namespace identity
