package identity

import (
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"identity.example/go/identityv1"
)

// When the service names no delay.
const defaultRetryDelay = time.Second

func refusal(code codes.Code, reason, message string) *Error {
	return &Error{Code: code, Reason: reason, Message: message}
}

// How the guard answers each denial. Others, also those that this version does not know, are UNDECIDED.
var denials = map[identityv1.Reason]struct {
	code    codes.Code
	message string
}{
	identityv1.Reason_REASON_CREDENTIAL_INVALID: {codes.Unauthenticated, "the credential is not valid"},
	identityv1.Reason_REASON_CREDENTIAL_EXPIRED: {codes.Unauthenticated, "the credential has expired"},
	identityv1.Reason_REASON_CREDENTIAL_REVOKED: {codes.Unauthenticated, "the credential was revoked"},
	identityv1.Reason_REASON_PRINCIPAL_DISABLED: {codes.Unauthenticated, "the account is disabled"},
	identityv1.Reason_REASON_STEP_UP_REQUIRED:   {codes.Unauthenticated, "a recent second factor is required"},
	identityv1.Reason_REASON_NO_BINDING:         {codes.PermissionDenied, "the caller lacks the permission"},
	identityv1.Reason_REASON_SCOPE_INSUFFICIENT: {codes.PermissionDenied, "the scopes of the credential lack the permission"},
	identityv1.Reason_REASON_QUOTA_EXCEEDED:     {codes.ResourceExhausted, "the quota of the API key is used up"},
}

// What the guard answers when the service denies.
func denialOf(answer *identityv1.CheckPermissionResponse, anonymous bool) *Error {
	reason := answer.GetReason()
	denial, known := denials[reason]
	switch {
	case !known || answer.GetDecision() != identityv1.Decision_DECISION_DENIED:
		return refusal(codes.PermissionDenied, "UNDECIDED", "the service did not decide")
	case anonymous && reason == identityv1.Reason_REASON_NO_BINDING:
		return refusal(codes.Unauthenticated, "CREDENTIAL_REQUIRED", "a credential is required")
	}
	result := refusal(denial.code, strings.TrimPrefix(reason.String(), "REASON_"), denial.message)
	if denial.code == codes.ResourceExhausted {
		result.RetryDelay = orDefault(answer.GetQuota().GetReset_().AsDuration())
	}
	return result
}

// What the guard answers when the service does not. It has no cause: gRPC sends the text of an error that somebody has
// wrapped.
func undecided(cause error) *Error {
	result := refusal(codes.Unavailable, "UNDECIDED", "the service did not decide")
	var failure *Error
	if errors.As(cause, &failure) {
		result.RetryDelay = failure.RetryDelay
	}
	result.RetryDelay = orDefault(result.RetryDelay)
	return result
}

func orDefault(delay time.Duration) time.Duration {
	if delay <= 0 {
		return defaultRetryDelay
	}
	return delay
}
