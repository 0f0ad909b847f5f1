package identity

import (
	"context"
	"path"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"identity.example/go/identityv1"
)

const (
	maxCalls     = 5
	firstPause   = 20 * time.Millisecond
	longestPause = time.Second
)

// When a call may be repeated.
type repeat int

const (
	never           repeat = iota // a second call could have another effect, or be a second guess of a password
	whenUnavailable               // a spent refresh token gives the same successor for 10 seconds
	always
)

func repeatOf(method string, request any) repeat {
	name := path.Base(method)
	switch {
	case name == "Refresh":
		return whenUnavailable
	case name == "Revoke", isRead(name), isExchangeOfAPIKey(request), hasRequestID(request):
		return always
	}
	return never
}

func isRead(name string) bool {
	for _, prefix := range []string{"Get", "List", "Check", "BatchCheck"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func isExchangeOfAPIKey(request any) bool {
	authenticate, ok := request.(*identityv1.AuthenticateRequest)
	return ok && authenticate.GetApiKey() != nil
}

func hasRequestID(request any) bool {
	message, ok := request.(proto.Message)
	if !ok {
		return false
	}
	field := message.ProtoReflect().Descriptor().Fields().ByName("request_id")
	return field != nil && message.ProtoReflect().Get(field).String() != ""
}

// Whether another call may follow the `made` ones, the last of which failed.
func (r repeat) allows(failure *Error, made int) bool {
	switch {
	case made >= maxCalls:
		return false
	case isRefusedByShutdown(failure):
		return true
	case r == never:
		return false
	case failure.Code == codes.Unavailable:
		return true
	case r == whenUnavailable:
		return false
	}
	switch failure.Reason {
	case "CONFLICT", "OVERLOADED", "COMMIT_IN_DOUBT":
		return true
	}
	return false
}

// The server's gRPC answers so to a call that arrives while it shuts down. No handler has seen the call.
func isRefusedByShutdown(failure *Error) bool {
	return failure.Code == codes.Canceled && failure.Message == "CANCELLED"
}

// The pause after `made` calls. `random` is from 0 to 1, so that clients do not retry together.
func delay(failure *Error, made int, random float64) time.Duration {
	pause := firstPause
	for i := 1; i < made && pause < longestPause; i++ {
		pause *= 2
	}
	pause = min(pause, longestPause)
	pause -= time.Duration(float64(pause) * random / 2)
	if failure.RetryDelay <= pause {
		return pause
	}
	// The service asks all clients for the same delay.
	return failure.RetryDelay + time.Duration(float64(firstPause)*random)
}

// Sleeps, unless the context ends before: then it returns false, at once if that is known.
func sleep(ctx context.Context, pause time.Duration) bool {
	if deadline, set := ctx.Deadline(); set && time.Until(deadline) <= pause {
		return false
	}
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}
