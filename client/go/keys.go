package identity

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	keysLifetime        = 5 * time.Minute // without max-age
	longestKeysLifetime = 24 * time.Hour
	fetchPause          = 10 * time.Second // after a failure, and between fetches for unknown keys
	fetchTimeout        = 10 * time.Second
	maxKeysBytes        = 256 << 10
	minRSABits          = 2048
	p256Bytes           = 32 // of a coordinate, and of each number of a signature
)

var errNoKeys = errors.New("identity: the published keys are not available")

// A published key.
type publicKey struct {
	algorithm string // of JWS; the key verifies signatures of no other
	verifies  func(message, signature []byte) bool
}

// The keys of the last fetch that succeeded, and what is known about the last fetch. It never changes.
type keySet struct {
	keys       map[string]publicKey
	expireTime time.Time
	triedAt    time.Time
	err        error     // of the last fetch
	unknownAt  time.Time // the last fetch because of an unknown key
}

// Fetches the published keys and keeps them.
type keyCache struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu       sync.Mutex
	current  *keySet
	fetching chan struct{} // closed at the end of the fetch; nil: none runs
}

func newKeyCache(address string, transport http.RoundTripper) (*keyCache, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if parsed.Scheme != "https" && (parsed.Scheme != "http" || !isLoopback(parsed.Hostname())) {
		return nil, errors.New("must be https, or http on loopback")
	}
	return &keyCache{
		url: address,
		client: &http.Client{
			Transport: transport,
			Timeout:   fetchTimeout,
			// A redirect could lead to plain HTTP.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now:     time.Now,
		current: &keySet{},
	}, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func (c *keyCache) find(ctx context.Context, kid string) (publicKey, error) {
	set, err := c.keysFor(ctx, kid)
	if err != nil {
		return publicKey{}, fmt.Errorf("%w: %w", errNoKeys, err)
	}
	key, known := set.keys[kid]
	switch {
	case set.err != nil && (!known || set.isExpired(c.now())):
		return publicKey{}, fmt.Errorf("%w: %w", errNoKeys, set.err)
	case !known:
		return publicKey{}, errors.New("kid is unknown")
	}
	return key, nil
}

// Waits for a fetch only if the key needs one.
func (c *keyCache) keysFor(ctx context.Context, kid string) (*keySet, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.has(kid, c.now()) {
		return c.current, nil
	}
	if c.fetching == nil && c.current.mayFetch(c.now()) {
		c.beginFetch(ctx)
	}
	if running := c.fetching; running != nil {
		c.mu.Unlock()
		err := waitFor(ctx, running)
		c.mu.Lock()
		if err != nil {
			return nil, err
		}
	}
	return c.current, nil
}

func waitFor(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *keySet) isExpired(now time.Time) bool { return !now.Before(s.expireTime) }

func (s *keySet) has(kid string, now time.Time) bool {
	_, known := s.keys[kid]
	return known && !s.isExpired(now)
}

// Whether it is time for another fetch, for a key that the set does not have.
func (s *keySet) mayFetch(now time.Time) bool {
	if s.err != nil && now.Sub(s.triedAt) < fetchPause {
		return false
	}
	return s.isExpired(now) || now.Sub(s.unknownAt) >= fetchPause
}

func (c *keyCache) beginFetch(ctx context.Context) {
	done, next := make(chan struct{}), *c.current
	c.fetching = done
	next.triedAt = c.now()
	if !next.isExpired(next.triedAt) {
		next.unknownAt = next.triedAt
	}
	// Other callers wait for the same fetch, so the end of this one must not end it.
	ctx = context.WithoutCancel(ctx)
	go func() {
		keys, lifetime, err := c.fetch(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		next.err = err
		if err == nil {
			next.keys, next.expireTime = keys, next.triedAt.Add(lifetime)
		}
		c.current, c.fetching = &next, nil
		close(done)
	}()
}

func (c *keyCache) fetch(ctx context.Context) (map[string]publicKey, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return nil, 0, err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("%s answers %s", c.url, response.Status)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, response.Body, maxKeysBytes))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", c.url, err)
	}
	keys, err := readKeys(body)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", c.url, err)
	}
	return keys, lifetimeOf(response.Header), nil
}

var maxAge = regexp.MustCompile(`(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])`)

func lifetimeOf(header http.Header) time.Duration {
	match := maxAge.FindStringSubmatch(header.Get("Cache-Control"))
	if match == nil {
		return keysLifetime
	}
	seconds, _ := strconv.Atoi(match[1])
	return min(time.Duration(seconds)*time.Second, longestKeysLifetime)
}

// Reads a JWKS (RFC 7517), and returns the keys by their ids. It leaves out each key that could not verify an access
// token: one such key must not hide the others.
func readKeys(text []byte) (map[string]publicKey, error) {
	set, err := readObject(text)
	if err != nil {
		return nil, err
	}
	entries, isList := set["keys"].([]any)
	if !isList {
		return nil, errors.New("not a set of keys")
	}
	result := map[string]publicKey{}
	for _, entry := range entries {
		jwk, _ := entry.(object)
		kid, _ := jwk["kid"].(string)
		if key, err := keyOf(jwk); err == nil && kid != "" {
			result[kid] = key
		}
	}
	return result, nil
}

// RFC 7518 and RFC 8037.
func keyOf(jwk object) (publicKey, error) {
	var key publicKey
	var err error
	switch {
	case jwk["kty"] == "OKP" && jwk["crv"] == "Ed25519":
		key, err = ed25519Key(jwk.bytes("x"))
	case jwk["kty"] == "EC" && jwk["crv"] == "P-256":
		key, err = p256Key(jwk.bytes("x"), jwk.bytes("y"))
	case jwk["kty"] == "RSA":
		key, err = rsaKey(jwk.bytes("n"), jwk.bytes("e"))
	default:
		err = errors.New("unknown kind of key")
	}
	switch {
	case err != nil:
		return publicKey{}, err
	case jwk["use"] != nil && jwk["use"] != "sig", jwk["alg"] != nil && jwk["alg"] != key.algorithm:
		return publicKey{}, errors.New("not for access tokens")
	}
	return key, nil
}

func ed25519Key(point []byte) (publicKey, error) {
	if len(point) != ed25519.PublicKeySize {
		return publicKey{}, errors.New("not an Ed25519 key")
	}
	return publicKey{"EdDSA", func(message, signature []byte) bool {
		return ed25519.Verify(point, message, signature)
	}}, nil
}

func p256Key(x, y []byte) (publicKey, error) {
	// Only this type checks that the point is on the curve.
	_, err := ecdh.P256().NewPublicKey(slices.Concat([]byte{4}, x, y))
	if err != nil || len(x) != p256Bytes {
		return publicKey{}, errors.New("not a P-256 key")
	}
	key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	return publicKey{"ES256", func(message, signature []byte) bool {
		if len(signature) != 2*p256Bytes {
			return false
		}
		digest := sha256.Sum256(message)
		r, s := new(big.Int).SetBytes(signature[:p256Bytes]), new(big.Int).SetBytes(signature[p256Bytes:])
		return ecdsa.Verify(key, digest[:], r, s)
	}}, nil
}

func rsaKey(modulus, exponent []byte) (publicKey, error) {
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	if key.N.BitLen() < minRSABits || len(exponent) > 4 {
		return publicKey{}, errors.New("not an RSA key of a useful size")
	}
	return publicKey{"RS256", func(message, signature []byte) bool {
		digest := sha256.Sum256(message)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	}}, nil
}
