package identity

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var (
	edKey    = ed25519.NewKeyFromSeed(make([]byte, 32))
	ecKey    = Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rsaLong  = Must(rsa.GenerateKey(rand.Reader, 2048))
	rsaShort = Must(rsa.GenerateKey(rand.Reader, 1024))
)

func base64Of(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func edJWK(kid string, key ed25519.PrivateKey) jwk {
	x := base64Of(key.Public().(ed25519.PublicKey))
	return jwk{KeyID: kid, Type: "OKP", Curve: "Ed25519", X: x, Use: "sig", Algorithm: "EdDSA"}
}

func ecJWK(kid string, key *ecdsa.PrivateKey) jwk {
	point := Must(key.PublicKey.ECDH()).Bytes()
	return jwk{KeyID: kid, Type: "EC", Curve: "P-256", X: base64Of(point[1:33]), Y: base64Of(point[33:])}
}

func rsaJWK(kid string, key *rsa.PrivateKey) jwk {
	exponent := big.NewInt(int64(key.E)).Bytes()
	return jwk{KeyID: kid, Type: "RSA", Modulus: base64Of(key.N.Bytes()), Exponent: base64Of(exponent)}
}

// A server that publishes keys, a verifier of it, and its clock.
type verifierTest struct {
	*Verifier
	mu      sync.Mutex
	keys    []jwk
	headers map[string]string
	status  int
	fetches int
	now     time.Time
}

func newVerifierTest(t *testing.T, keys ...jwk) *verifierTest {
	t.Helper()
	test := &verifierTest{keys: keys, status: http.StatusOK, now: time.Unix(1_000_000, 0)}
	server := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		test.mu.Lock()
		defer test.mu.Unlock()
		test.fetches++
		for name, value := range test.headers {
			response.Header().Set(name, value)
		}
		response.WriteHeader(test.status)
		json.NewEncoder(response).Encode(map[string]any{"keys": test.keys})
	}))
	t.Cleanup(server.Close)
	test.Verifier = Must(NewVerifier(VerifierConfig{KeysURL: server.URL, Issuer: "https://issuer", Audience: "shop"}))
	test.Verifier.keys.now = func() time.Time { return test.now }
	return test
}

// A good token of the first key, after the change.
func (v *verifierTest) token(change func(header, claims map[string]any)) string {
	return v.signed(jwt.SigningMethodEdDSA, "ed", edKey, change)
}

func (v *verifierTest) signed(
	method jwt.SigningMethod, kid string, key crypto.PrivateKey, change func(header, claims map[string]any),
) string {
	claims := jwt.MapClaims{
		"iss": "https://issuer", "aud": "shop", "sub": "ada", "client_id": "identity", "jti": "token", "sid": "session",
		"scope": "posts:read posts:update", "iat": v.now.Unix(), "nbf": v.now.Unix(), "exp": v.now.Add(15 * time.Minute).Unix(),
	}
	token := jwt.NewWithClaims(method, claims)
	token.Header["typ"], token.Header["kid"] = "at+jwt", kid
	if change != nil {
		change(token.Header, claims)
	}
	return Must(token.SignedString(key))
}

func (v *verifierTest) want(t *testing.T, token string, want error) {
	t.Helper()
	verified, err := v.Verify(context.Background(), token)
	if !errors.Is(err, want) || (want == nil && verified.Subject() != "ada") || (want != nil && verified != nil) {
		t.Errorf("got %v, %v, want %v", verified, err, want)
	}
}

func (v *verifierTest) wantFetches(t *testing.T, want int) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fetches != want {
		t.Errorf("%d fetches, want %d", v.fetches, want)
	}
}

func TestAVerifiedTokenHasItsClaims(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	got, err := test.Verify(context.Background(), test.token(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject() != "ada" || got.ClientID() != "identity" || got.ID() != "token" || got.SessionID() != "session" ||
		!reflect.DeepEqual(got.Scopes(), []string{"posts:read", "posts:update"}) ||
		!got.IssueTime().Equal(test.now) || !got.ExpireTime().Equal(test.now.Add(15*time.Minute)) {
		t.Errorf("got %+v", got)
	}
}

func TestEachAlgorithmVerifiesWithItsOwnKeyOnly(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey), ecJWK("ec", ecKey), rsaJWK("rsa", rsaLong), rsaJWK("short", rsaShort))
	for _, c := range []struct {
		name   string
		method jwt.SigningMethod
		kid    string
		key    crypto.PrivateKey
		want   error
	}{
		{"EdDSA", jwt.SigningMethodEdDSA, "ed", edKey, nil},
		{"ES256", jwt.SigningMethodES256, "ec", ecKey, nil},
		{"RS256", jwt.SigningMethodRS256, "rsa", rsaLong, nil},
		{"a short RSA key", jwt.SigningMethodRS256, "short", rsaShort, ErrInvalidToken},
		{"PS256", jwt.SigningMethodPS256, "rsa", rsaLong, ErrInvalidToken},
		{"RS512", jwt.SigningMethodRS512, "rsa", rsaLong, ErrInvalidToken},
		{"none", jwt.SigningMethodNone, "ed", jwt.UnsafeAllowNoneSignatureType, ErrInvalidToken},
		{"HS256 with the public key", jwt.SigningMethodHS256, "ed", []byte(edKey.Public().(ed25519.PublicKey)), ErrInvalidToken},
		{"the key of another algorithm", jwt.SigningMethodES256, "ed", ecKey, ErrInvalidToken},
		{"another key", jwt.SigningMethodEdDSA, "ed", ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32))), ErrInvalidToken},
	} {
		t.Run(c.name, func(t *testing.T) { test.want(t, test.signed(c.method, c.kid, c.key, nil), c.want) })
	}
}

func TestKeysThatAreNotForTokensAreLeftOut(t *testing.T) {
	encryption, otherAlgorithm, malformed := edJWK("ed", edKey), edJWK("ed", edKey), edJWK("ed", edKey)
	offCurve := ecJWK("ec", ecKey)
	encryption.Use = "enc"
	otherAlgorithm.Algorithm = "ES256"
	offCurve.Y = offCurve.X
	malformed.X = "AAAA"
	for name, key := range map[string]jwk{
		"encryption": encryption, "another alg": otherAlgorithm, "not on the curve": offCurve, "malformed": malformed,
		"unknown kind": {KeyID: "ed", Type: "oct"},
	} {
		set := Must(json.Marshal(map[string]any{"keys": []jwk{key, edJWK("good", edKey)}}))
		got, err := readKeys(bytes.NewReader(set))
		if _, hasGood := got["good"]; err != nil || !hasGood || len(got) != 1 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestWhichTokensAreInvalid(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	at := func(offset time.Duration) int64 { return test.now.Add(offset).Unix() }
	type set = map[string]any
	for name, c := range map[string]struct {
		change func(header, claims set)
		want   error
	}{
		"good":                      {func(_, _ set) {}, nil},
		"typ of an ID token":        {func(h, _ set) { h["typ"] = "JWT" }, ErrInvalidToken},
		"no typ":                    {func(h, _ set) { delete(h, "typ") }, ErrInvalidToken},
		"crit":                      {func(h, _ set) { h["crit"] = []string{"exp"} }, ErrInvalidToken},
		"no kid":                    {func(h, _ set) { delete(h, "kid") }, ErrInvalidToken},
		"another issuer":            {func(_, c set) { c["iss"] = "https://issuer/" }, ErrInvalidToken},
		"no issuer":                 {func(_, c set) { delete(c, "iss") }, ErrInvalidToken},
		"another audience":          {func(_, c set) { c["aud"] = "billing" }, ErrInvalidToken},
		"no audience":               {func(_, c set) { delete(c, "aud") }, ErrInvalidToken},
		"an audience of several":    {func(_, c set) { c["aud"] = []string{"billing", "shop"} }, nil},
		"none of several audiences": {func(_, c set) { c["aud"] = []string{"billing", "shops"} }, ErrInvalidToken},
		"no exp":                    {func(_, c set) { delete(c, "exp") }, ErrInvalidToken},
		"no iat":                    {func(_, c set) { delete(c, "iat") }, ErrInvalidToken},
		"no sub":                    {func(_, c set) { delete(c, "sub") }, ErrInvalidToken},
		"no client_id":              {func(_, c set) { delete(c, "client_id") }, ErrInvalidToken},
		"no jti":                    {func(_, c set) { delete(c, "jti") }, ErrInvalidToken},
		"no nbf and no sid":         {func(_, c set) { delete(c, "nbf"); delete(c, "sid") }, nil},
		"just expired":              {func(_, c set) { c["exp"] = at(-29 * time.Second) }, nil},
		"expired":                   {func(_, c set) { c["exp"] = at(-30 * time.Second) }, ErrInvalidToken},
		"a clock that is ahead":     {func(_, c set) { c["iat"], c["nbf"] = at(30*time.Second), at(30*time.Second) }, nil},
		"issued in the future":      {func(_, c set) { c["iat"] = at(31 * time.Second) }, ErrInvalidToken},
		"not valid yet":             {func(_, c set) { c["nbf"] = at(31 * time.Second) }, ErrInvalidToken},
	} {
		t.Run(name, func(t *testing.T) { test.want(t, test.token(c.change), c.want) })
	}
}

func TestTextThatIsNoTokenIsInvalid(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	good := test.token(nil)
	parts := strings.Split(good, ".")
	for _, text := range []string{
		"", "idk_1", "..", parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1], good + ".", good + "=", " " + good,
		otherSpelling(good),
	} {
		test.want(t, text, ErrInvalidToken)
	}
}

// The same token with another last letter: the last letter of 64 bytes in base64 has four bits that mean nothing.
func otherSpelling(token string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(token) - 1
	return token[:last] + string(letters[strings.IndexByte(letters, token[last])+1])
}

func TestKeysAreKeptForTheirMaxAge(t *testing.T) {
	for _, c := range []struct {
		cacheControl string
		want         time.Duration
	}{
		{"", 5 * time.Minute},
		{"public, max-age=60", time.Minute},
		{"s-maxage=7,max-age=60", time.Minute},
		{"max-age=99999999999999999999", 5 * time.Minute},
	} {
		test := newVerifierTest(t, edJWK("ed", edKey))
		test.headers = map[string]string{"Cache-Control": c.cacheControl}
		test.want(t, test.token(nil), nil)
		test.now = test.now.Add(c.want - 1)
		test.want(t, test.token(nil), nil)
		test.wantFetches(t, 1)
		test.now = test.now.Add(1)
		test.want(t, test.token(nil), nil)
		test.wantFetches(t, 2)
	}
}

func TestKeysWithoutALifetimeAreFetchedForEachToken(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	test.headers = map[string]string{"Cache-Control": "max-age=0"}
	test.want(t, test.token(nil), nil)
	test.want(t, test.token(nil), nil)
	test.wantFetches(t, 2)
}

func TestAnUnknownKeyFetchesAtMostOnceInTenSeconds(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	test.want(t, test.token(nil), nil)
	test.keys = append(test.keys, ecJWK("ec", ecKey))
	fresh := test.signed(jwt.SigningMethodES256, "ec", ecKey, nil)
	test.want(t, fresh, nil)
	test.wantFetches(t, 2)

	forged := test.signed(jwt.SigningMethodES256, "unknown", ecKey, nil)
	test.now = test.now.Add(unknownKeyPause - 1)
	test.want(t, forged, ErrInvalidToken)
	test.wantFetches(t, 2)
	test.now = test.now.Add(1)
	test.want(t, forged, ErrInvalidToken)
	test.want(t, forged, ErrInvalidToken)
	test.wantFetches(t, 3)
}

func TestWithoutKeysNothingIsDecided(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	test.status = http.StatusServiceUnavailable
	test.want(t, test.token(nil), errNoKeys)
	test.want(t, test.token(nil), errNoKeys)
	test.wantFetches(t, 1)

	test.status = http.StatusOK
	test.now = test.now.Add(failurePause)
	test.want(t, test.token(nil), nil)
	test.wantFetches(t, 2)

	test.status = http.StatusServiceUnavailable
	test.want(t, test.signed(jwt.SigningMethodEdDSA, "new", edKey, nil), errNoKeys)
	test.want(t, test.token(nil), nil)
	test.now = test.now.Add(keysLifetime)
	test.want(t, test.token(nil), errNoKeys)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	other := newVerifierTest(t, edJWK("ed", edKey))
	test.status, test.headers = http.StatusFound, map[string]string{"Location": other.Verifier.keys.url}
	test.want(t, test.token(nil), errNoKeys)
	other.wantFetches(t, 0)
}

func TestOneFetchServesAllCallers(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	token := test.token(nil)
	var group sync.WaitGroup
	for range 20 {
		group.Add(1)
		go func() {
			defer group.Done()
			test.want(t, token, nil)
		}()
	}
	group.Wait()
	test.wantFetches(t, 1)
}

func TestACallerThatGivesUpDoesNotCountAsAFailure(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := test.Verify(ctx, test.token(nil)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	test.want(t, test.token(nil), nil)
}

func TestKeysComeOverHTTPSOrFromLoopback(t *testing.T) {
	for address, good := range map[string]bool{
		"https://id.example.com/keys":  true,
		"http://127.0.0.1:8080/keys":   true,
		"http://[::1]:8080/keys":       true,
		"http://localhost/keys":        true,
		"http://id.example.com/keys":   false,
		"http://10.0.0.1/keys":         false,
		"http://localhost.example.com": false,
		"file:///keys":                 false,
		"":                             false,
		"://":                          false,
	} {
		_, err := NewVerifier(VerifierConfig{KeysURL: address, Issuer: "https://issuer", Audience: "shop"})
		if (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAVerifierNeedsAnIssuerAndAnAudience(t *testing.T) {
	for _, config := range []VerifierConfig{{Issuer: "https://issuer"}, {Audience: "shop"}} {
		config.KeysURL = "https://id.example.com/keys"
		if _, err := NewVerifier(config); err == nil {
			t.Errorf("%+v", config)
		}
	}
}
