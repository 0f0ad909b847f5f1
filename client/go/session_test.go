package identity

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"identity.example/go/identityv1"
)

const lifetime = 15 * time.Minute

func tokens(generation int) *identityv1.TokenSet {
	return &identityv1.TokenSet{
		AccessToken:  fmt.Sprint("access ", generation),
		RefreshToken: fmt.Sprint("refresh ", generation),
		ExpiresIn:    durationpb.New(lifetime),
		SessionId:    "session",
		PrincipalId:  "principal",
	}
}

// A session, its clock, and what answers its refreshes: the next generation of tokens, or `failure`.
type sessionTest struct {
	*Session
	now     time.Time
	failure error
	spent   []string
}

func newSessionTest(first *identityv1.TokenSet) *sessionTest {
	test := &sessionTest{now: time.Unix(1_000_000, 0)}
	test.Session = newSession(func(_ context.Context, refreshToken Secret) (*identityv1.TokenSet, error) {
		test.spent = append(test.spent, refreshToken.Reveal())
		if test.failure != nil {
			return nil, test.failure
		}
		return tokens(len(test.spent)), nil
	}, first, WithClock(func() time.Time { return test.now }))
	return test
}

// Waits for the refresh that runs, if any.
func settle(s *Session) {
	s.mu.Lock()
	running := s.refreshing
	s.mu.Unlock()
	if running != nil {
		<-running
	}
}

func (s *sessionTest) want(t *testing.T, want string) {
	t.Helper()
	token, err := s.Token(context.Background())
	settle(s.Session)
	if err != nil || token.Reveal() != want {
		t.Errorf("got %q, %v, want %q", token.Reveal(), err, want)
	}
}

func (s *sessionTest) wantError(t *testing.T, want error) {
	t.Helper()
	if token, err := s.Token(context.Background()); !errors.Is(err, want) || token.Reveal() != "" {
		t.Errorf("got %q, %v, want %v", token.Reveal(), err, want)
	}
}

func (s *sessionTest) wantSpent(t *testing.T, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(s.spent, want) {
		t.Errorf("spent %q, want %q", s.spent, want)
	}
}

func TestASessionReturnsTheTokenOfTheLoginWhileItIsFresh(t *testing.T) {
	session := newSessionTest(tokens(0))
	session.now = session.now.Add(lifetime - time.Minute - 1)
	session.want(t, "access 0")
	session.wantSpent(t)
	if session.ID() != "session" || session.PrincipalID() != "principal" {
		t.Error(session.ID(), session.PrincipalID())
	}
}

func TestASessionRefreshesAMinuteBeforeTheExpiry(t *testing.T) {
	session := newSessionTest(tokens(0))
	session.now = session.now.Add(lifetime - time.Minute)
	session.want(t, "access 0")
	session.want(t, "access 1")
	session.wantSpent(t, "refresh 0")
}

func TestASessionRefreshesAShortTokenAfterHalfOfItsLifetime(t *testing.T) {
	short := tokens(0)
	short.ExpiresIn = durationpb.New(time.Minute)
	session := newSessionTest(short)
	session.now = session.now.Add(30*time.Second - 1)
	session.want(t, "access 0")
	session.wantSpent(t)
	session.now = session.now.Add(1)
	session.want(t, "access 0")
	session.want(t, "access 1")
}

func TestASessionSpendsEachRefreshTokenOnce(t *testing.T) {
	session := newSessionTest(tokens(0))
	for i := range 3 {
		session.now = session.now.Add(lifetime)
		session.want(t, fmt.Sprint("access ", i+1))
	}
	session.wantSpent(t, "refresh 0", "refresh 1", "refresh 2")
}

func TestAValidTokenOutlivesAFailedRefresh(t *testing.T) {
	session := newSessionTest(tokens(0))
	session.failure = unavailable
	session.now = session.now.Add(lifetime - 30*time.Second)
	session.want(t, "access 0")
	session.now = session.now.Add(time.Second - 1)
	session.want(t, "access 0")
	session.wantSpent(t, "refresh 0")
	session.now = session.now.Add(1)
	session.failure = nil
	session.want(t, "access 0")
	session.want(t, "access 2")
	session.wantSpent(t, "refresh 0", "refresh 0")
}

func TestAnAnswerWithoutTokensIsAFailedRefresh(t *testing.T) {
	for _, answer := range []*identityv1.TokenSet{nil, {}, {RefreshToken: "refresh 1"}} {
		now, spent := time.Unix(1_000_000, 0), []string{}
		session := newSession(func(_ context.Context, refreshToken Secret) (*identityv1.TokenSet, error) {
			spent = append(spent, refreshToken.Reveal())
			return answer, nil
		}, tokens(0), WithClock(func() time.Time { return now }))
		for now = now.Add(lifetime - time.Minute); len(spent) < 2; now = now.Add(pauseAfterFailure) {
			if token, err := session.Token(context.Background()); err != nil || token.Reveal() != "access 0" {
				t.Fatal(token.Reveal(), err)
			}
			settle(session)
		}
		if want := []string{"refresh 0", "refresh 0"}; !reflect.DeepEqual(spent, want) {
			t.Errorf("spent %q", spent)
		}
		now = now.Add(time.Minute)
		if _, err := session.Token(context.Background()); status.Code(err) != codes.Internal {
			t.Error(err)
		}
	}
}

func TestARefreshHasNoHeadersOfTheCaller(t *testing.T) {
	var sent metadata.MD
	session := newSession(func(ctx context.Context, _ Secret) (*identityv1.TokenSet, error) {
		sent, _ = metadata.FromOutgoingContext(ctx)
		return tokens(1), nil
	}, &identityv1.TokenSet{RefreshToken: "refresh 0"})
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer other")
	if _, err := session.Token(ctx); err != nil || len(sent) != 0 {
		t.Error(sent, err)
	}
}

func TestAnExpiredTokenIsNeverReturned(t *testing.T) {
	session := newSessionTest(tokens(0))
	session.failure = unavailable
	session.now = session.now.Add(lifetime)
	session.wantError(t, unavailable)
	session.wantError(t, unavailable)
	session.wantSpent(t, "refresh 0")
}

func TestASessionEndsWhenTheServiceRefusesARefresh(t *testing.T) {
	session := newSessionTest(tokens(0))
	session.failure = &Error{Code: codes.Unauthenticated, Reason: "REFRESH_TOKEN_INVALID"}
	session.now = session.now.Add(lifetime - 30*time.Second)
	session.want(t, "access 0")
	session.wantError(t, session.failure)
	session.now = session.now.Add(time.Hour)
	session.wantError(t, session.failure)
	session.wantSpent(t, "refresh 0")
}

func TestTokensWithoutAnAccessTokenMakeNoSession(t *testing.T) {
	for _, none := range []*identityv1.TokenSet{nil, {}, {RefreshToken: "refresh 0"}} {
		if session, err := NewSession(nil, none); err == nil || session != nil {
			t.Error(session, err)
		}
	}
}

func TestWithoutARefreshTokenASessionEndsWithItsAccessToken(t *testing.T) {
	onlyAccess := tokens(0)
	onlyAccess.RefreshToken = ""
	session := newSessionTest(onlyAccess)
	session.now = session.now.Add(lifetime - 1)
	session.want(t, "access 0")
	session.now = session.now.Add(1)
	if _, err := session.Token(context.Background()); status.Code(err) != codes.Unauthenticated {
		t.Error(err)
	}
	session.wantSpent(t)
}

// A session whose refresh waits until `release` is closed.
func blockedSession(age time.Duration) (session *Session, begun, release chan struct{}) {
	begun, release = make(chan struct{}), make(chan struct{})
	now := time.Unix(1_000_000, 0)
	session = newSession(func(ctx context.Context, _ Secret) (*identityv1.TokenSet, error) {
		close(begun) // a second refresh would panic
		<-release
		return tokens(1), ctx.Err()
	}, tokens(0), WithClock(func() time.Time { return now }))
	now = now.Add(age)
	return session, begun, release
}

// Calls Token as another caller does.
func tokenLater(session *Session) <-chan string {
	result := make(chan string, 1)
	go func() {
		token, err := session.Token(context.Background())
		if err != nil {
			result <- err.Error()
			return
		}
		result <- token.Reveal()
	}()
	return result
}

func TestOneRefreshServesAllCallers(t *testing.T) {
	session, begun, release := blockedSession(lifetime)
	waiting := []<-chan string{tokenLater(session)}
	<-begun
	for range 20 {
		waiting = append(waiting, tokenLater(session))
	}
	close(release)
	for _, token := range waiting {
		if got := <-token; got != "access 1" {
			t.Error(got)
		}
	}
}

func TestAValidTokenIsReturnedWhileARefreshRuns(t *testing.T) {
	session, begun, release := blockedSession(lifetime - time.Second)
	for range 2 {
		if token, err := session.Token(context.Background()); err != nil || token.Reveal() != "access 0" {
			t.Error(token, err)
		}
		<-begun
	}
	close(release)
	settle(session)
	if token, err := session.Token(context.Background()); err != nil || token.Reveal() != "access 1" {
		t.Error(token, err)
	}
}

func TestACallerThatGivesUpDoesNotLoseTheTokens(t *testing.T) {
	session, begun, release := blockedSession(lifetime)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := session.Token(ctx); status.Code(err) != codes.Canceled {
		t.Error(err)
	}
	<-begun
	close(release)
	if token, err := session.Token(context.Background()); err != nil || token.Reveal() != "access 1" {
		t.Error(token, err)
	}
}
