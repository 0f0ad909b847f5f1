#ifndef IDENTITY_BASE_RUN_FOR_VALUE_H_
#define IDENTITY_BASE_RUN_FOR_VALUE_H_

#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/optional.h"

namespace identity {

// The type that `Body` returns when it is called with an `Arg&`: absl::Status or an absl::StatusOr.
template <typename Arg, typename Body>
using BodyResult = std::invoke_result_t<Body&, Arg&>;

// Runs a `body` that returns a value, with a `run` that can only run an `absl::Status(Arg&)`. `run` may call its
// argument any number of times, and returns an absl::Status. Returns the error of `run`, or else the result of the last
// call of `body`. Bodies return their values and never write to variables outside themselves, so running one twice has
// no effect on the result.
template <typename Arg, typename Body, typename Run>
BodyResult<Arg, Body> RunForValue(Body& body, const Run& run) {
  using Result = BodyResult<Arg, Body>;
  if constexpr (std::is_same_v<Result, absl::Status>) {
    return run(absl::FunctionRef<absl::Status(Arg&)>(body));
  } else {
    absl::optional<Result> result;
    const auto keep_result = [&](Arg& arg) -> absl::Status {
      result.emplace(body(arg));
      return result->status();
    };
    absl::Status status = run(absl::FunctionRef<absl::Status(Arg&)>(keep_result));
    if (!status.ok()) return status;
    return *std::move(result);
  }
}

}  // namespace identity

#endif  // IDENTITY_BASE_RUN_FOR_VALUE_H_
