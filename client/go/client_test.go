package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"identity.example/go/identityv1"
)

func failing(failure *Error) *scriptedService {
	return &scriptedService{
		check: func(context.Context, int, *checkRequest) (*checkResponse, error) {
			return nil, failure
		},
		logIn: func(int) (*identityv1.AuthenticateResponse, error) { return nil, failure },
	}
}

func allowing() *scriptedService {
	return &scriptedService{
		check: func(context.Context, int, *checkRequest) (*checkResponse, error) {
			return allowed(), nil
		},
	}
}

func TestACheckIsRepeatedUntilItSucceeds(t *testing.T) {
	service := &scriptedService{}
	service.check = func(_ context.Context, call int, _ *checkRequest) (*checkResponse, error) {
		if call < 4 {
			return nil, overloaded
		}
		return allowed(), nil
	}
	client := connect(t, Config{Address: service.start(t), Plaintext: true})
	answer, err := check(client)
	if err != nil || answer.GetDecision() != identityv1.Decision_DECISION_ALLOWED || service.calls.Load() != 4 {
		t.Error(answer, err, service.calls.Load())
	}
}

func TestACheckIsGivenUpAfterFiveCalls(t *testing.T) {
	service := failing(unavailable)
	client := connect(t, Config{Address: service.start(t), Plaintext: true})
	if _, err := check(client); status.Code(err) != codes.Unavailable || service.calls.Load() != 5 {
		t.Error(err, service.calls.Load())
	}
}

func TestAPasswordIsSentOnce(t *testing.T) {
	service := failing(unavailable)
	client := connect(t, Config{Address: service.start(t), Plaintext: true})
	_, err := identityv1.NewIdentityServiceClient(client).Authenticate(context.Background(),
		&identityv1.AuthenticateRequest{Credential: &identityv1.AuthenticateRequest_Password{
			Password: &identityv1.PasswordCredential{Login: "ada", Password: "a guess"},
		}})
	if status.Code(err) != codes.Unavailable || service.calls.Load() != 1 {
		t.Error(err, service.calls.Load())
	}
}

func TestARetryThatTheDeadlineForbidsFailsWithTheLastError(t *testing.T) {
	later := &Error{Code: codes.ResourceExhausted, Reason: "OVERLOADED", Message: "later", RetryDelay: 2 * time.Hour}
	service := failing(later)
	// A client that waited for its deadline would not return.
	client := connect(t, Config{Address: service.start(t), Plaintext: true, Timeout: time.Hour})
	if _, err := check(client); !reflect.DeepEqual(err, later) || service.calls.Load() != 1 {
		t.Error(err, service.calls.Load())
	}
}

func deadlineOf(t *testing.T, config Config, ctx context.Context) time.Duration {
	t.Helper()
	remaining := make(chan time.Duration, 1)
	service := &scriptedService{}
	service.check = func(ctx context.Context, _ int, _ *checkRequest) (*checkResponse, error) {
		deadline, _ := ctx.Deadline()
		remaining <- time.Until(deadline)
		return allowed(), nil
	}
	config.Address, config.Plaintext = service.start(t), true
	client := connect(t, config)
	_, err := identityv1.NewIdentityServiceClient(client).CheckPermission(ctx, &checkRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return <-remaining
}

func TestTheDeadlineIsThatOfTheCallOrOfTheClientOrTwoSeconds(t *testing.T) {
	long, cancel := context.WithTimeout(context.Background(), 20*time.Hour)
	defer cancel()
	cases := []struct {
		name    string
		config  Config
		ctx     context.Context
		atMost  time.Duration
		atLeast time.Duration
	}{
		{"default", Config{}, context.Background(), 2 * time.Second, 0},
		{"client", Config{Timeout: 10 * time.Hour}, context.Background(), 10 * time.Hour, 2 * time.Second},
		{"call", Config{Timeout: 10 * time.Hour}, long, 20 * time.Hour, 10 * time.Hour},
	}
	for _, c := range cases {
		if got := deadlineOf(t, c.config, c.ctx); got > c.atMost || got <= c.atLeast {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestTheCredentialIsSentAsBearer(t *testing.T) {
	service := allowing()
	service.credentials = make(chan []string, 1)
	address := service.start(t)
	client := connect(t, Config{Address: address, Plaintext: true, Credential: NewSecret("idk_service")})
	for _, c := range []struct {
		client *Client
		want   []string
	}{
		{client, []string{"Bearer idk_service"}},
		{client.As(NewSecret("token")), []string{"Bearer token"}},
		{connect(t, Config{Address: address, Plaintext: true}), nil},
	} {
		if _, err := check(c.client); err != nil {
			t.Fatal(err)
		}
		if got := <-service.credentials; !reflect.DeepEqual(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAnEmptyCredentialIsAnErrorWithoutACall(t *testing.T) {
	service := allowing()
	address := service.start(t)
	for _, empty := range []Secret{{}, NewSecret("")} {
		config := Config{Address: address, Plaintext: true, Credential: empty}
		if _, err := NewClient(config); err == nil || err.Error() != "identity: Credential is empty" {
			t.Error(err)
		}
	}
	// The calls of its certificate are not those of a person whom the program has forgotten.
	client := connect(t, Config{Address: address, Plaintext: true})
	for _, credential := range []TokenSource{nil, Secret{}, NewTokenFile("/nowhere")} {
		if _, err := check(client.As(credential)); status.Code(err) != codes.Unauthenticated {
			t.Error(err)
		}
	}
	if service.calls.Load() != 0 {
		t.Error("a call was made")
	}
}

func TestCallsGoToAllAddressesInTurn(t *testing.T) {
	services := []*scriptedService{allowing(), allowing()}
	client := connect(t, Config{Address: services[0].start(t) + ", " + services[1].start(t), Plaintext: true})
	for services[0].calls.Load() == 0 || services[1].calls.Load() == 0 {
		if _, err := check(client); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnAddressWithoutAServerIsSkipped(t *testing.T) {
	service := allowing()
	client := connect(t, Config{Address: "127.0.0.1:1," + service.start(t), Plaintext: true})
	for range 10 {
		if _, err := check(client); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnusableSettingsAreErrors(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	certificateFile, keyFile := certificate(t)
	for name, config := range map[string]Config{
		"no address":          {},
		"no port in a list":   {Address: "localhost:1,localhost"},
		"no roots":            {Address: "localhost:1", RootsFile: "/nowhere"},
		"roots without one":   {Address: "localhost:1", RootsFile: empty},
		"certificate, no key": {Address: "localhost:1", CertificateFile: empty},
		"key, no certificate": {Address: "localhost:1", KeyFile: empty},
		"plaintext and roots": {Address: "localhost:1", Plaintext: true, RootsFile: certificateFile},
		"plaintext, and a certificate": {
			Address: "localhost:1", Plaintext: true, CertificateFile: certificateFile, KeyFile: keyFile,
		},
	} {
		if _, err := NewClient(config); err == nil {
			t.Error(name)
		}
	}
}

// Writes a certificate for localhost, which is its own root, and its key.
func certificate(t *testing.T) (certificateFile, keyFile string) {
	t.Helper()
	key := Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		DNSNames:              []string{"localhost"},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der := Must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	folder := t.TempDir()
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("certificate.pem", "CERTIFICATE", der),
		write("key.pem", "PRIVATE KEY", Must(x509.MarshalPKCS8PrivateKey(key)))
}

func TestTLSWithRootsAndAClientCertificate(t *testing.T) {
	certificateFile, keyFile := certificate(t)
	pair := Must(tls.LoadX509KeyPair(certificateFile, keyFile))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(Must(os.ReadFile(certificateFile)))
	service := allowing()
	address := service.start(t, grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots,
	})))
	_, port, _ := net.SplitHostPort(address)

	good := Config{RootsFile: certificateFile, CertificateFile: certificateFile, KeyFile: keyFile}
	noCertificate, systemRoots := good, good
	noCertificate.CertificateFile, noCertificate.KeyFile = "", ""
	systemRoots.RootsFile = ""
	for _, c := range []struct {
		name, address string
		config        Config
		want          codes.Code
	}{
		{"one address", "localhost:" + port, good, codes.OK},
		{"another name", "127.0.0.1:" + port, good, codes.Unavailable},
		{"a list", "localhost:" + port + ",localhost:" + port, good, codes.OK},
		{"a list of other names", "127.0.0.1:" + port + ",127.0.0.1:" + port, good, codes.Unavailable},
		{"no client certificate", "localhost:" + port, noCertificate, codes.Unavailable},
		{"roots of the system", "localhost:" + port, systemRoots, codes.Unavailable},
		{"plaintext", "localhost:" + port, Config{Plaintext: true}, codes.Unavailable},
	} {
		c.config.Address = c.address
		if _, err := check(connect(t, c.config)); status.Code(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
