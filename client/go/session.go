package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"identity.example/go/identityv1"
)

const (
	refreshAhead = time.Minute
	// Well below the 10 seconds in which the service repeats a lost answer.
	pauseAfterFailure = time.Second
)

// Session is a login that stays valid: it holds the tokens, and refreshes them before they expire. As a [TokenSource]
// it is the credential of its user:
//
//	accounts := identityv1.NewAccountServiceClient(client.As(session))
//
// At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason,
// sessions, processes and machines must not share a refresh token. It is safe for concurrent use.
type Session struct {
	id, principalID string
	refresh         refresher
	now             func() time.Time

	mu           sync.Mutex
	accessToken  Secret
	refreshToken Secret
	expireTime   time.Time
	nextRefresh  time.Time
	ended        bool
	lastError    error
	refreshing   chan struct{} // closed at the end of the refresh; nil: none runs
}

// Exchanges a refresh token for new tokens.
type refresher func(ctx context.Context, refreshToken Secret) (*identityv1.TokenSet, error)

// SessionOption changes a session.
type SessionOption func(*Session)

// WithClock replaces the clock, for tests.
func WithClock(now func() time.Time) SessionOption { return func(s *Session) { s.now = now } }

// NewSession takes the tokens of a login. The client makes the refreshes. It fails without an access token, as after a
// login that needs a second factor.
func NewSession(client *Client, tokens *identityv1.TokenSet, options ...SessionOption) (*Session, error) {
	if tokens.GetAccessToken() == "" {
		return nil, errors.New("identity: no access token; a login that needs a second factor has none yet")
	}
	service := identityv1.NewIdentityServiceClient(client)
	refresh := func(ctx context.Context, refreshToken Secret) (*identityv1.TokenSet, error) {
		response, err := service.Refresh(ctx, &identityv1.RefreshRequest{RefreshToken: refreshToken.Reveal()})
		return response.GetTokens(), err
	}
	return newSession(refresh, tokens, options...), nil
}

func newSession(refresh refresher, tokens *identityv1.TokenSet, options ...SessionOption) *Session {
	session := &Session{
		id:          tokens.GetSessionId(),
		principalID: tokens.GetPrincipalId(),
		refresh:     refresh,
		now:         time.Now,
	}
	for _, option := range options {
		option(session)
	}
	session.keep(tokens)
	return session
}

// ID is a UUID.
func (s *Session) ID() string { return s.id }

// PrincipalID is a UUID.
func (s *Session) PrincipalID() string { return s.principalID }

// Token returns an access token that has not expired. It begins a refresh when it is time for it, and waits for it only
// if the old token has expired. Errors are those of Refresh. A bad refresh token ends the session, and every later call
// returns it, too: log in again.
func (s *Session) Token(ctx context.Context) (Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beginRefreshIfDue(ctx)
	if running := s.refreshing; running != nil && !s.isValid() {
		s.mu.Unlock()
		err := wait(ctx, running)
		s.mu.Lock()
		if err != nil {
			return Secret{}, err
		}
	}
	if s.isValid() {
		return s.accessToken, nil
	}
	if s.lastError != nil {
		return Secret{}, s.lastError
	}
	return Secret{}, &Error{Code: codes.Unauthenticated, Message: "the access token has expired"}
}

func (s *Session) isValid() bool { return !s.ended && s.now().Before(s.expireTime) }

func (s *Session) beginRefreshIfDue(ctx context.Context) {
	due := !s.ended && s.refreshToken.Reveal() != "" && !s.now().Before(s.nextRefresh)
	if !due || s.refreshing != nil {
		return
	}
	done, spent := make(chan struct{}), s.refreshToken
	s.refreshing = done
	// The answer has the next refresh token, so it must not be lost when this caller gives up. The headers that the
	// caller has prepared are for its own call.
	ctx = metadata.NewOutgoingContext(context.WithoutCancel(ctx), metadata.MD{})
	go func() {
		tokens, err := s.refresh(ctx, spent)
		if err == nil && tokens.GetAccessToken() == "" {
			err = &Error{Code: codes.Internal, Message: "the answer of the refresh has no tokens"}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			s.keep(tokens)
		} else {
			s.fail(err)
		}
		s.refreshing = nil
		close(done)
	}()
}

func (s *Session) keep(tokens *identityv1.TokenSet) {
	now, lifetime := s.now(), tokens.GetExpiresIn().AsDuration()
	s.accessToken = NewSecret(tokens.GetAccessToken())
	s.refreshToken = NewSecret(tokens.GetRefreshToken())
	s.expireTime = now.Add(lifetime)
	s.nextRefresh = now.Add(max(lifetime-refreshAhead, lifetime/2))
	s.lastError = nil
}

func (s *Session) fail(err error) {
	s.lastError = err
	s.nextRefresh = s.now().Add(pauseAfterFailure)
	var failure *Error
	s.ended = errors.As(err, &failure) && strings.HasPrefix(failure.Reason, "REFRESH_TOKEN_")
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errorOf(status.FromContextError(ctx.Err()).Err())
	}
}
