#ifndef IDENTITY_BASE_TRACE_CONTEXT_H_
#define IDENTITY_BASE_TRACE_CONTEXT_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

using TraceId = std::array<uint8_t, 16>;
using SpanId = std::array<uint8_t, 8>;

// A place in a trace: a span that other work belongs to, perhaps in another program (W3C Trace Context). A value.
struct TraceContext {
  TraceId trace_id{};  // all zero: not part of a trace
  SpanId span_id{};
  bool sampled = false;  // whether the spans of this trace are recorded

  // From a header `traceparent` (section 3.2 of the specification). nullopt when it is malformed.
  static absl::optional<TraceContext> Parse(absl::string_view traceparent);
  // The header, in version 00.
  std::string ToString() const;
};

// In lower-case hexadecimal.
std::string ToHex(const TraceId& id);

}  // namespace identity

#endif  // IDENTITY_BASE_TRACE_CONTEXT_H_
