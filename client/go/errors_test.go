package identity

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestAnErrorSurvivesTheWireWithoutItsCause(t *testing.T) {
	sent := &Error{
		Code:       codes.InvalidArgument,
		Reason:     "INVALID_FIELD",
		Message:    "the request is not valid",
		RetryDelay: 1500 * time.Millisecond,
		Fields:     []FieldViolation{{"name", "is required"}},
	}
	withCause := *sent
	withCause.cause = errors.New("the cause")
	if got := errorOf(withCause.GRPCStatus().Err()); !reflect.DeepEqual(got, sent) {
		t.Errorf("got %+v, want %+v", got, sent)
	}
}

func TestErrorsAreFoundInWrappedErrors(t *testing.T) {
	err := fmt.Errorf("saving: %w", unavailable)
	var found *Error
	if !errors.As(err, &found) || found != unavailable || status.Code(err) != codes.Unavailable {
		t.Error(found)
	}
}

func TestAReasonOfAnotherServiceIsIgnored(t *testing.T) {
	received, err := status.New(codes.Unavailable, "away").WithDetails(
		&errdetails.ErrorInfo{Reason: "OVERLOADED", Domain: "proxy.example"})
	if err != nil {
		t.Fatal(err)
	}
	if got := errorOf(received.Err()); got.Reason != "" {
		t.Error(got)
	}
}

func TestAnErrorWithoutDetailsHasOnlyItsCode(t *testing.T) {
	want := &Error{Code: codes.NotFound, Message: "no such role"}
	if got := errorOf(status.Error(codes.NotFound, "no such role")); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}
