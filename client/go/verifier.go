package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const clockSkew = 30 * time.Second

// ErrInvalidToken means that a token is not one of this issuer for this audience, or that it has expired. Other errors
// of a [Verifier] mean that it could not get the keys.
var ErrInvalidToken = errors.New("identity: the access token is not valid")

// VerifierConfig has the settings of a verifier.
type VerifierConfig struct {
	// KeysURL is the address of the published keys, such as https://id.example.com/.well-known/jwks.json. Plain HTTP is
	// only for loopback.
	KeysURL string
	// Issuer and Audience must be those of the tokens.
	Issuer, Audience string
	// Transport fetches the keys. Nil: http.DefaultTransport.
	Transport http.RoundTripper
}

// Verifier verifies access tokens (RFC 9068) from the published keys alone. It knows no revocation, no disabled
// principal and no permission: until it expires, a token of a thief passes. Ask the service where that matters. It is
// safe for concurrent use.
type Verifier struct {
	keys   *keyCache
	parser *jwt.Parser
}

// NewVerifier fetches no keys yet.
func NewVerifier(config VerifierConfig) (*Verifier, error) {
	if config.Issuer == "" || config.Audience == "" {
		return nil, errors.New("identity: Issuer and Audience are required")
	}
	keys, err := newKeyCache(config.KeysURL, config.Transport)
	if err != nil {
		return nil, fmt.Errorf("identity: KeysURL: %w", err)
	}
	return &Verifier{keys, jwt.NewParser(
		jwt.WithIssuer(config.Issuer),
		jwt.WithAudience(config.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(clockSkew),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return keys.now() }),
	)}, nil
}

// VerifiedToken has the claims of an access token. Only a [Verifier] makes one.
type VerifiedToken struct{ claims claims }

// Subject is the UUID of the principal.
func (t *VerifiedToken) Subject() string { return t.claims.Subject }

// ClientID is the UUID of the principal that called Authenticate for the subject, or "identity".
func (t *VerifiedToken) ClientID() string { return t.claims.ClientID }

// ID is the UUID of the token.
func (t *VerifiedToken) ID() string { return t.claims.ID }

// SessionID is a UUID; empty without a session.
func (t *VerifiedToken) SessionID() string { return t.claims.SessionID }

// Scopes are patterns of permissions. They limit what the subject may do, and grant nothing.
func (t *VerifiedToken) Scopes() []string { return strings.Fields(t.claims.Scope) }

// IssueTime is when the service made the token.
func (t *VerifiedToken) IssueTime() time.Time { return t.claims.IssuedAt.Time }

// ExpireTime is when the token expires.
func (t *VerifiedToken) ExpireTime() time.Time { return t.claims.ExpiresAt.Time }

type claims struct {
	jwt.RegisteredClaims
	ClientID  string `json:"client_id"`
	SessionID string `json:"sid"`
	Scope     string `json:"scope"`
}

// Validate finds missing claims (RFC 9068, section 2.2). The parser requires the others.
func (c claims) Validate() error {
	if c.Subject == "" || c.ClientID == "" || c.ID == "" || c.IssuedAt == nil {
		return errors.New("sub, client_id, jti or iat is missing")
	}
	return nil
}

// Verify returns the claims of the token, or an error that is ErrInvalidToken if the token is at fault.
func (v *Verifier) Verify(ctx context.Context, token string) (*VerifiedToken, error) {
	result := &VerifiedToken{}
	_, err := v.parser.ParseWithClaims(token, &result.claims, func(parsed *jwt.Token) (any, error) {
		return v.keyOf(ctx, parsed)
	})
	if errors.Is(err, errNoKeys) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
	return result, nil
}

func (v *Verifier) keyOf(ctx context.Context, token *jwt.Token) (any, error) {
	if token.Header["typ"] != "at+jwt" {
		return nil, errors.New("typ is not at+jwt")
	}
	if _, has := token.Header["crit"]; has {
		return nil, errors.New("crit names extensions")
	}
	kid, _ := token.Header["kid"].(string)
	key, err := v.keys.find(ctx, kid)
	if err != nil {
		return nil, err
	}
	// So it is EdDSA, ES256 or RS256.
	if token.Method.Alg() != key.algorithm {
		return nil, errors.New("alg is not that of the key")
	}
	return key.public, nil
}
