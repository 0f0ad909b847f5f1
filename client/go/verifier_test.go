package identity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	edKey    = ed25519.NewKeyFromSeed(make([]byte, 32))
	ecKey    = Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rsaLong  = Must(rsa.GenerateKey(rand.Reader, 2048))
	rsaShort = Must(rsa.GenerateKey(rand.Reader, 1024))
)

func base64Of(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func edJWK(kid string, key ed25519.PrivateKey) object {
	x := base64Of(key.Public().(ed25519.PublicKey))
	return object{"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA"}
}

func ecJWK(kid string, key *ecdsa.PrivateKey) object {
	point := Must(key.PublicKey.ECDH()).Bytes()
	return object{"kid": kid, "kty": "EC", "crv": "P-256", "x": base64Of(point[1:33]), "y": base64Of(point[33:])}
}

func rsaJWK(kid string, key *rsa.PrivateKey) object {
	exponent := big.NewInt(int64(key.E)).Bytes()
	return object{"kid": kid, "kty": "RSA", "n": base64Of(key.N.Bytes()), "e": base64Of(exponent)}
}

// A server that publishes keys, a verifier of it, and its clock.
type verifierTest struct {
	*Verifier
	mu      sync.Mutex
	keys    []object
	body    func(http.ResponseWriter) // instead of the keys, if it is set
	headers map[string]string
	status  int
	fetches int
	now     time.Time
}

func newVerifierTest(t *testing.T, keys ...object) *verifierTest {
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
		if test.body != nil {
			test.body(response)
			return
		}
		json.NewEncoder(response).Encode(object{"keys": test.keys})
	}))
	t.Cleanup(server.Close)
	test.Verifier = Must(NewVerifier(VerifierConfig{KeysURL: server.URL, Issuer: "https://issuer", Audience: "shop"}))
	test.Verifier.keys.now = func() time.Time { return test.now }
	return test
}

// A good token of the first key, after the change.
func (v *verifierTest) token(change func(header, claims object)) string {
	return v.signed("EdDSA", "ed", edKey, change)
}

func (v *verifierTest) signed(algorithm, kid string, key any, change func(header, claims object)) string {
	header := object{"typ": "at+jwt", "alg": algorithm, "kid": kid}
	claims := object{
		"iss": "https://issuer", "aud": "shop", "sub": "ada", "client_id": "identity", "jti": "token", "sid": "session",
		"scope": "posts:read posts:update", "iat": v.now.Unix(), "nbf": v.now.Unix(), "exp": v.now.Add(15 * time.Minute).Unix(),
	}
	if change != nil {
		change(header, claims)
	}
	return sign(string(Must(json.Marshal(header))), string(Must(json.Marshal(claims))), key)
}

// Signs as the kind of the key demands, whatever the header says.
func sign(header, claims string, key any) string {
	message := base64Of([]byte(header)) + "." + base64Of([]byte(claims))
	digest := sha256.Sum256([]byte(message))
	var signature []byte
	switch key := key.(type) {
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, []byte(message))
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		Must(0, err)
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case *rsa.PrivateKey:
		signature = Must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]))
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(message))
		signature = mac.Sum(nil)
	}
	return message + "." + base64Of(signature)
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
		name      string
		algorithm string
		kid       string
		key       any
		want      error
	}{
		{"EdDSA", "EdDSA", "ed", edKey, nil},
		{"ES256", "ES256", "ec", ecKey, nil},
		{"RS256", "RS256", "rsa", rsaLong, nil},
		{"a short RSA key", "RS256", "short", rsaShort, ErrInvalidToken},
		{"PS256", "PS256", "rsa", rsaLong, ErrInvalidToken},
		{"RS512", "RS512", "rsa", rsaLong, ErrInvalidToken},
		{"none", "none", "ed", nil, ErrInvalidToken},
		{"no signature", "EdDSA", "ed", nil, ErrInvalidToken},
		{"HS256 with the public key", "HS256", "ed", []byte(edKey.Public().(ed25519.PublicKey)), ErrInvalidToken},
		{"the key of another algorithm", "ES256", "ed", ecKey, ErrInvalidToken},
		{"the algorithm of another key", "EdDSA", "ec", ecKey, ErrInvalidToken},
		{"another key", "EdDSA", "ed", ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32))), ErrInvalidToken},
	} {
		t.Run(c.name, func(t *testing.T) { test.want(t, test.signed(c.algorithm, c.kid, c.key, nil), c.want) })
	}
}

func TestTheNumbersOfAnECDSASignatureAreInTheirRange(t *testing.T) {
	test := newVerifierTest(t, ecJWK("ec", ecKey))
	good := test.signed("ES256", "ec", ecKey, nil)
	message := good[:strings.LastIndexByte(good, '.')+1]
	zero, one, order := make([]byte, 32), big.NewInt(1).FillBytes(make([]byte, 32)), elliptic.P256().Params().N.Bytes()
	for _, signature := range [][]byte{
		slices.Concat(zero, zero), slices.Concat(zero, one), slices.Concat(one, zero), slices.Concat(order, one),
		slices.Concat(one, order), zero, nil, slices.Concat(zero, Must(decodeBase64URL(good[len(message):]))),
	} {
		test.want(t, message+base64Of(signature), ErrInvalidToken)
	}
}

func TestAKeyThatIsNotForTokensHidesNoOther(t *testing.T) {
	with := func(key object, name string, value any) object {
		key[name] = value
		return key
	}
	for name, key := range map[string]any{
		"encryption":       with(edJWK("ed", edKey), "use", "enc"),
		"another alg":      with(edJWK("ed", edKey), "alg", "ES256"),
		"no kid":           with(edJWK("ed", edKey), "kid", nil),
		"a number as kid":  with(edJWK("ed", edKey), "kid", 7),
		"too short":        with(edJWK("ed", edKey), "x", "AAAA"),
		"not base64url":    with(edJWK("ed", edKey), "x", edJWK("ed", edKey)["x"].(string)+"="),
		"a list":           with(edJWK("ed", edKey), "x", []string{}),
		"not on the curve": with(ecJWK("ec", ecKey), "y", ecJWK("ec", ecKey)["x"]),
		"no y":             with(ecJWK("ec", ecKey), "y", nil),
		"no modulus":       with(rsaJWK("rsa", rsaLong), "n", ""),
		"a long exponent":  with(rsaJWK("rsa", rsaLong), "e", "AAAAAAEAAQ"),
		"a short RSA key":  rsaJWK("rsa", rsaShort),
		"unknown kind":     object{"kid": "ed", "kty": "oct"},
		"not an object":    7,
		"null":             nil,
	} {
		got, err := readKeys(Must(json.Marshal(object{"keys": []any{key, edJWK("good", edKey)}})))
		if _, hasGood := got["good"]; err != nil || !hasGood || len(got) != 1 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestWhatIsNotASetOfKeysIsAnError(t *testing.T) {
	key := string(Must(json.Marshal(edJWK("ed", edKey))))
	for _, text := range []string{
		"", "[]", "{}", `{"keys": {}}`, `{"Keys": []}`, `{"keys": []`, `{"keys": []} {}`, `{"keys": [], "keys": []}`,
		`{"keys": [` + key + `], "x": {"a": 1, "a": 1}}`,
	} {
		if got, err := readKeys([]byte(text)); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestWhichTokensAreInvalid(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	at := func(offset time.Duration) int64 { return test.now.Add(offset).Unix() }
	type set = object
	for name, c := range map[string]struct {
		change func(header, claims set)
		want   error
	}{
		"good":                      {func(_, _ set) {}, nil},
		"typ of an ID token":        {func(h, _ set) { h["typ"] = "JWT" }, ErrInvalidToken},
		"no typ":                    {func(h, _ set) { delete(h, "typ") }, ErrInvalidToken},
		"typ in capital letters":    {func(h, _ set) { h["typ"] = "AT+JWT" }, nil},
		"typ as a media type":       {func(h, _ set) { h["typ"] = "Application/at+jwt" }, nil},
		"typ of another kind":       {func(h, _ set) { h["typ"] = "text/at+jwt" }, ErrInvalidToken},
		"name in another case":      {func(h, _ set) { h["KID"] = h["kid"]; delete(h, "kid") }, ErrInvalidToken},
		"claim in another case":     {func(_, c set) { c["Sub"] = c["sub"]; delete(c, "sub") }, ErrInvalidToken},
		"expiry in another case":    {func(_, c set) { c["EXP"] = c["exp"]; c["exp"] = at(-time.Hour) }, ErrInvalidToken},
		"a number as scope":         {func(_, c set) { c["scope"] = 7 }, ErrInvalidToken},
		"a list as sid":             {func(_, c set) { c["sid"] = []string{} }, ErrInvalidToken},
		"a text as exp":             {func(_, c set) { c["exp"] = "9999999999" }, ErrInvalidToken},
		"a time that is no time":    {func(_, c set) { c["exp"] = 1e300 }, ErrInvalidToken},
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
		otherSpelling(good), good[:10] + "\n" + good[10:], good + "\r",
	} {
		test.want(t, text, ErrInvalidToken)
	}
}

func TestAnObjectWithANameTwiceIsInvalid(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	const header, eve = `{"typ": "at+jwt", "alg": "EdDSA", "kid": "ed"}`, `"sub": "eve", `
	_, claims, _ := strings.Cut(string(Must(decodeBase64URL(strings.Split(test.token(nil), ".")[1]))), "{")
	test.want(t, sign(header, "{"+claims, edKey), nil)
	test.want(t, sign(header, "{"+eve+claims, edKey), ErrInvalidToken)
	test.want(t, sign(header, `{"other": {"a": 1, "a": 2}, `+claims, edKey), ErrInvalidToken)
	test.want(t, sign(strings.Replace(header, "{", `{"kid": "other", `, 1), "{"+claims, edKey), ErrInvalidToken)
	for _, other := range []string{
		"{" + claims + "{}", "{" + claims + ",", "[" + claims, "[]", "null", "{\"\xff\": 1, " + claims,
	} {
		test.want(t, sign(header, other, edKey), ErrInvalidToken)
	}
}

func TestATokenHasAtMost8KiB(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	padded := func(bytes int) string {
		return test.token(func(_, claims object) { claims["padding"] = strings.Repeat("x", bytes) })
	}
	room := (maxTokenBytes - len(padded(0))) / 4 * 3
	test.want(t, padded(room-3), nil)
	test.want(t, padded(room+3), ErrInvalidToken)
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
		{"max-age=-1", 5 * time.Minute},
		{"max-age=999999999", 24 * time.Hour},
		{"stale-max-age=7", 5 * time.Minute},
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
	fresh := test.signed("ES256", "ec", ecKey, nil)
	test.want(t, fresh, nil)
	test.wantFetches(t, 2)

	forged := test.signed("ES256", "unknown", ecKey, nil)
	test.now = test.now.Add(fetchPause - 1)
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
	test.now = test.now.Add(fetchPause - 1)
	test.want(t, test.token(nil), errNoKeys)
	test.wantFetches(t, 1)
	test.now = test.now.Add(1)
	test.want(t, test.token(nil), nil)
	test.wantFetches(t, 2)

	test.status = http.StatusServiceUnavailable
	test.want(t, test.signed("EdDSA", "new", edKey, nil), errNoKeys)
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

func TestKeysAreReadUpToALimit(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	set := Must(json.Marshal(object{"keys": test.keys}))
	test.body = func(response http.ResponseWriter) {
		response.Write(append(set, strings.Repeat(" ", maxKeysBytes-len(set))...))
	}
	test.want(t, test.token(nil), nil)
	test.body = func(response http.ResponseWriter) {
		response.Write(append(set, strings.Repeat(" ", maxKeysBytes-len(set)+1)...))
	}
	test.now = test.now.Add(keysLifetime)
	test.want(t, test.token(nil), errNoKeys)
}

func TestACallerThatGivesUpDoesNotEndTheFetchOfOthers(t *testing.T) {
	test := newVerifierTest(t, edJWK("ed", edKey))
	begun, release := make(chan struct{}), make(chan struct{})
	test.body = func(response http.ResponseWriter) {
		close(begun) // a second fetch would panic
		<-release
		json.NewEncoder(response).Encode(object{"keys": test.keys})
	}
	ctx, giveUp := context.WithCancel(context.Background())
	first, second, token := make(chan error), make(chan error), test.token(nil)
	verify := func(ctx context.Context, result chan<- error) {
		_, err := test.Verify(ctx, token)
		result <- err
	}
	go verify(ctx, first)
	<-begun
	go verify(context.Background(), second)
	giveUp()
	if err := <-first; !errors.Is(err, context.Canceled) || !errors.Is(err, errNoKeys) {
		t.Error(err)
	}
	close(release)
	if err := <-second; err != nil {
		t.Error(err)
	}
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
