package identity

import (
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

const errorDomain = "identity.v1"

// Error says why a call failed, or why a [Guard] refused one. It holds no credential. [errors.As] finds it, and
// [status.Code] works with it, too.
type Error struct {
	Code codes.Code
	// Reason is the name of an identityv1.ErrorReason without its prefix, such as "RATE_LIMITED", or one of the guard.
	// Empty: the error is not from the service, for example because the service is unreachable.
	Reason  string
	Message string
	// RetryDelay is how long the service asks to wait before a retry. 0: it does not ask.
	RetryDelay time.Duration
	// Fields are the fields of the request that the service refused.
	Fields []FieldViolation

	cause error
}

// FieldViolation names a field of a request and the rule that it breaks.
type FieldViolation struct {
	Field, Description string
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%v: %s", e.Code, e.Message)
	if e.Reason != "" {
		text = fmt.Sprintf("%v (%s): %s", e.Code, e.Reason, e.Message)
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the error of the [TokenSource], if that is why no call was made.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus is what a gRPC server sends for this error: everything but the cause.
func (e *Error) GRPCStatus() *status.Status {
	var details []protoadapt.MessageV1
	if e.Reason != "" {
		details = append(details, &errdetails.ErrorInfo{Reason: e.Reason, Domain: errorDomain})
	}
	if e.RetryDelay > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryDelay)})
	}
	if len(e.Fields) > 0 {
		request := &errdetails.BadRequest{}
		for _, field := range e.Fields {
			request.FieldViolations = append(request.FieldViolations,
				&errdetails.BadRequest_FieldViolation{Field: field.Field, Description: field.Description})
		}
		details = append(details, request)
	}
	plain := status.New(e.Code, e.Message)
	detailed, err := plain.WithDetails(details...)
	if err != nil {
		return plain
	}
	return detailed
}

// Reads what gRPC returned for a call.
func errorOf(err error) *Error {
	received := status.Convert(err)
	result := &Error{Code: received.Code(), Message: received.Message()}
	for _, detail := range received.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == errorDomain {
				result.Reason = detail.GetReason()
			}
		case *errdetails.RetryInfo:
			result.RetryDelay = detail.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			for _, field := range detail.GetFieldViolations() {
				result.Fields = append(result.Fields, FieldViolation{field.GetField(), field.GetDescription()})
			}
		}
	}
	return result
}
