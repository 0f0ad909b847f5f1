#ifndef IDENTITY_BASE_STATUS_MACROS_H_
#define IDENTITY_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"

// Returns from the enclosing function when `expression` (an absl::Status) is an error.
#define RETURN_IF_ERROR(expression) IDENTITY_RETURN_IF_ERROR_(IDENTITY_UNIQUE_(identity_status_), expression)

// Evaluates `expression` (an absl::StatusOr). Returns from the enclosing function when it is an error. Otherwise
// assigns its value to `target`, which may declare a variable.
#define ASSIGN_OR_RETURN(target, expression) \
  IDENTITY_ASSIGN_OR_RETURN_(IDENTITY_UNIQUE_(identity_result_), target, expression)

// A counter, not the line: an expression may contain a lambda that also uses these macros.
#define IDENTITY_UNIQUE_(name) IDENTITY_CONCAT_(name, __COUNTER__)
#define IDENTITY_CONCAT_INNER_(a, b) a##b
#define IDENTITY_CONCAT_(a, b) IDENTITY_CONCAT_INNER_(a, b)
#define IDENTITY_RETURN_IF_ERROR_(status, expression) \
  do {                                                \
    absl::Status status = (expression);               \
    if (!status.ok()) return status;                  \
  } while (false)
#define IDENTITY_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                  \
  if (!result.ok()) return std::move(result).status();         \
  target = *std::move(result)

#endif  // IDENTITY_BASE_STATUS_MACROS_H_
