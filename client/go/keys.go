package identity

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	keysLifetime    = 5 * time.Minute // without max-age
	unknownKeyPause = 10 * time.Second
	failurePause    = time.Second
	fetchTimeout    = 5 * time.Second
	maxKeysBytes    = 1 << 20
	minRSABits      = 2048
)

var errNoKeys = errors.New("identity: the published keys are not available")

// A published key.
type publicKey struct {
	algorithm string // of JWS
	public    any
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
	url      string
	client   *http.Client
	now      func() time.Time
	current  atomic.Pointer[keySet]
	fetching chan struct{} // full while a fetch runs
}

func newKeyCache(address string, transport http.RoundTripper) (*keyCache, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if parsed.Scheme != "https" && (parsed.Scheme != "http" || !isLoopback(parsed.Hostname())) {
		return nil, errors.New("must be https, or http on loopback")
	}
	cache := &keyCache{
		url: address,
		client: &http.Client{
			Transport: transport,
			Timeout:   fetchTimeout,
			// A redirect could lead to plain HTTP.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now:      time.Now,
		fetching: make(chan struct{}, 1),
	}
	cache.current.Store(&keySet{})
	return cache, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func (c *keyCache) find(ctx context.Context, kid string) (publicKey, error) {
	set := c.current.Load()
	if c.mustFetch(set, kid) {
		set = c.renew(ctx, set)
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

func (s *keySet) isExpired(now time.Time) bool { return !now.Before(s.expireTime) }

func (c *keyCache) mustFetch(set *keySet, kid string) bool {
	now := c.now()
	if set.isExpired(now) {
		return set.err == nil || now.Sub(set.triedAt) >= failurePause
	}
	_, known := set.keys[kid]
	return !known && now.Sub(set.unknownAt) >= unknownKeyPause
}

// Returns a set that is newer than `seen`, from this fetch or from that of another caller.
func (c *keyCache) renew(ctx context.Context, seen *keySet) *keySet {
	next := *seen
	select {
	case c.fetching <- struct{}{}:
		defer func() { <-c.fetching }()
	case <-ctx.Done():
		next.err = ctx.Err()
		return &next
	}
	if set := c.current.Load(); set != seen {
		return set
	}
	keys, lifetime, err := c.fetch(ctx)
	next.triedAt, next.err = c.now(), err
	if !seen.isExpired(next.triedAt) {
		next.unknownAt = next.triedAt
	}
	if err == nil {
		next.keys, next.expireTime = keys, next.triedAt.Add(lifetime)
	}
	// That this caller gave up says nothing to others.
	if ctx.Err() == nil {
		c.current.Store(&next)
	}
	return &next
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
	keys, err := readKeys(io.LimitReader(response.Body, maxKeysBytes))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", c.url, err)
	}
	return keys, lifetimeOf(response.Header), nil
}

var maxAge = regexp.MustCompile(`max-age=(\d+)`)

func lifetimeOf(header http.Header) time.Duration {
	match := maxAge.FindStringSubmatch(header.Get("Cache-Control"))
	if match == nil {
		return keysLifetime
	}
	seconds, err := strconv.ParseInt(match[1], 10, 32)
	if err != nil {
		return keysLifetime
	}
	return time.Duration(seconds) * time.Second
}

// A key of a JWKS (RFC 7517, 7518 and 8037).
type jwk struct {
	KeyID     string `json:"kid"`
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

// Returns the keys by their ids. Keys that could not verify an access token are left out.
func readKeys(text io.Reader) (map[string]publicKey, error) {
	var set struct{ Keys []jwk }
	if err := json.NewDecoder(text).Decode(&set); err != nil {
		return nil, err
	}
	result := map[string]publicKey{}
	for _, entry := range set.Keys {
		key, err := entry.publicKey()
		isForTokens := (entry.Use == "" || entry.Use == "sig") && (entry.Algorithm == "" || entry.Algorithm == key.algorithm)
		if err == nil && isForTokens {
			result[entry.KeyID] = key
		}
	}
	return result, nil
}

func (k jwk) publicKey() (publicKey, error) {
	switch {
	case k.Type == "OKP" && k.Curve == "Ed25519":
		return ed25519Key(k.X)
	case k.Type == "EC" && k.Curve == "P-256":
		return p256Key(k.X, k.Y)
	case k.Type == "RSA":
		return rsaKey(k.Modulus, k.Exponent)
	}
	return publicKey{}, fmt.Errorf("unknown kind of key %q", k.Type)
}

func ed25519Key(x string) (publicKey, error) {
	point, err := base64.RawURLEncoding.DecodeString(x)
	if err != nil || len(point) != ed25519.PublicKeySize {
		return publicKey{}, errors.New("not an Ed25519 key")
	}
	return publicKey{"EdDSA", ed25519.PublicKey(point)}, nil
}

func p256Key(x, y string) (publicKey, error) {
	xBytes, xErr := base64.RawURLEncoding.DecodeString(x)
	yBytes, yErr := base64.RawURLEncoding.DecodeString(y)
	point := append(append([]byte{4}, xBytes...), yBytes...)
	// Only this type checks that the point is on the curve.
	_, err := ecdh.P256().NewPublicKey(point)
	if err := errors.Join(xErr, yErr, err); err != nil {
		return publicKey{}, err
	}
	return publicKey{"ES256", &ecdsa.PublicKey{
		Curve: elliptic.P256(), X: new(big.Int).SetBytes(point[1:33]), Y: new(big.Int).SetBytes(point[33:]),
	}}, nil
}

func rsaKey(modulus, exponent string) (publicKey, error) {
	n, nErr := base64.RawURLEncoding.DecodeString(modulus)
	e, eErr := base64.RawURLEncoding.DecodeString(exponent)
	if err := errors.Join(nErr, eErr); err != nil {
		return publicKey{}, err
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	if key.N.BitLen() < minRSABits || len(e) > 4 {
		return publicKey{}, errors.New("not an RSA key of a useful size")
	}
	return publicKey{"RS256", key}, nil
}
