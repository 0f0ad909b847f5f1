package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	clockSkew     = 30 * time.Second
	maxTokenBytes = 8 << 10
)

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
	issuer, audience string
	keys             *keyCache
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
	return &Verifier{config.Issuer, config.Audience, keys}, nil
}

// VerifiedToken has the claims of an access token. Only a [Verifier] makes one.
type VerifiedToken struct {
	subject, clientID, id, sessionID string
	scopes                           []string
	issueTime, expireTime            time.Time
}

// Subject is the UUID of the principal.
func (t *VerifiedToken) Subject() string { return t.subject }

// ClientID is the UUID of the principal that called Authenticate for the subject, or "identity".
func (t *VerifiedToken) ClientID() string { return t.clientID }

// ID is the UUID of the token.
func (t *VerifiedToken) ID() string { return t.id }

// SessionID is a UUID; empty without a session.
func (t *VerifiedToken) SessionID() string { return t.sessionID }

// Scopes are patterns of permissions. They limit what the subject may do, and grant nothing.
func (t *VerifiedToken) Scopes() []string { return slices.Clone(t.scopes) }

// IssueTime is when the service made the token.
func (t *VerifiedToken) IssueTime() time.Time { return t.issueTime }

// ExpireTime is when the token expires.
func (t *VerifiedToken) ExpireTime() time.Time { return t.expireTime }

// Verify returns the claims of the token, or an error that is ErrInvalidToken if the token is at fault.
func (v *Verifier) Verify(ctx context.Context, token string) (*VerifiedToken, error) {
	result, err := v.verify(ctx, token)
	if err != nil && !errors.Is(err, errNoKeys) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
	return result, err
}

func (v *Verifier) verify(ctx context.Context, token string) (*VerifiedToken, error) {
	if len(token) > maxTokenBytes {
		return nil, fmt.Errorf("it has more than %d bytes", maxTokenBytes)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("it has not three parts")
	}
	if err := v.verifySignature(ctx, parts); err != nil {
		return nil, err
	}
	claims, err := readPart(parts[1])
	if err != nil {
		return nil, err
	}
	return v.verifyClaims(claims)
}

func (v *Verifier) verifySignature(ctx context.Context, parts []string) error {
	header, err := readPart(parts[0])
	if err != nil {
		return err
	}
	signature, err := decodeBase64URL(parts[2])
	if err != nil {
		return err
	}
	read := memberReader{object: header}
	typ, kid := strings.ToLower(read.text("typ")), read.text("kid")
	_, hasExtensions := header["crit"] // RFC 7515, section 4.1.11
	switch {
	case read.err != nil:
		return read.err
	case strings.TrimPrefix(typ, "application/") != "at+jwt":
		return errors.New("typ is not at+jwt")
	case hasExtensions:
		return errors.New("crit names extensions")
	}
	key, err := v.keys.find(ctx, kid)
	switch {
	case err != nil:
		return err
	case header["alg"] != key.algorithm: // the key chooses, not the token
		return errors.New("alg is not that of the key")
	case !key.verifies([]byte(parts[0]+"."+parts[1]), signature):
		return errors.New("the signature is not that of the key")
	}
	return nil
}

func (v *Verifier) verifyClaims(claims object) (*VerifiedToken, error) {
	read := memberReader{object: claims}
	result := &VerifiedToken{
		subject:    read.text("sub"),
		clientID:   read.text("client_id"),
		id:         read.text("jti"),
		sessionID:  read.optionalText("sid"),
		scopes:     strings.Fields(read.optionalText("scope")),
		issueTime:  read.time("iat"),
		expireTime: read.time("exp"),
	}
	notBefore := result.issueTime
	if _, has := claims["nbf"]; has {
		notBefore = read.time("nbf")
	}
	now := v.keys.now()
	latest := now.Add(clockSkew)
	switch {
	case read.err != nil:
		return nil, read.err
	case claims["iss"] != v.issuer:
		return nil, errors.New("iss is another issuer")
	case !isFor(v.audience, claims["aud"]):
		return nil, errors.New("aud is another audience")
	case !now.Before(result.expireTime.Add(clockSkew)):
		return nil, errors.New("it has expired")
	case result.issueTime.After(latest), notBefore.After(latest):
		return nil, errors.New("it is not valid yet")
	}
	return result, nil
}

// The claim is one audience or a list of them.
func isFor(audience string, claim any) bool {
	list, isList := claim.([]any)
	return claim == any(audience) || isList && slices.Contains(list, any(audience))
}

func readPart(text string) (object, error) {
	decoded, err := decodeBase64URL(text)
	if err != nil {
		return nil, err
	}
	return readObject(decoded)
}
