#ifndef IDENTITY_BASE_STATUS_MACROS_H_
#define IDENTITY_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` (an absl::Status) is an error.
#define RETURN_IF_ERROR(expression)                         \
  do {                                                      \
    absl::Status identity_status_ = (expression);           \
    if (!identity_status_.ok()) return identity_status_;    \
  } while (false)

// Evaluates `expression` (an absl::StatusOr), returns from the enclosing function when it is an error, and else puts its
// value into `target`, which may declare a variable.
#define ASSIGN_OR_RETURN(target, expression) \
  IDENTITY_ASSIGN_OR_RETURN_(IDENTITY_CONCAT_(identity_result_, __LINE__), target, expression)

#define IDENTITY_CONCAT_INNER_(a, b) a##b
#define IDENTITY_CONCAT_(a, b) IDENTITY_CONCAT_INNER_(a, b)
#define IDENTITY_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                  \
  if (!result.ok()) return std::move(result).status();         \
  target = *std::move(result)

#endif  // IDENTITY_BASE_STATUS_MACROS_H_
