// Package identity is the Go client of Identity, a service that answers two questions: who is this, and may they do
// this?
//
// A [Client] makes calls, a [Session] keeps a login valid, and a [Guard] protects a gRPC server. A [Verifier] verifies
// access tokens without the service, and so knows no revocation.
//
// An error of a check means "not decided": deny.
package identity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
)

const (
	defaultTimeout  = 2 * time.Second
	maxAnswerBytes  = 8 << 20 // a batch of 1,000 checks with explanations
	roundRobin      = `{"loadBalancingConfig": [{"round_robin": {}}]}`
	keepaliveTime   = 20 * time.Second // not more often than servers accept
	keepaliveAnswer = 5 * time.Second
)

// Config has the settings of a client.
type Config struct {
	// Address is HOST:PORT, several of them separated by commas, or a target of gRPC such as
	// "dns:///identity:50051". Calls go to all addresses in turn. In Kubernetes, name a headless service.
	Address string
	// Plaintext turns TLS off. It excludes the files.
	Plaintext bool
	// RootsFile has the certificates that replace the roots of the system. PEM; optional.
	RootsFile string
	// CertificateFile and KeyFile are for a server that demands a client certificate. PEM; both or none. The client
	// reads all files once: make another one before the certificate expires.
	CertificateFile, KeyFile string
	// Credential is sent with each call. Nil: none, or the certificate is the credential. An empty Secret is an error.
	Credential TokenSource
	// Timeout limits a call with all its retries, unless its context has a deadline. 0: 2 seconds.
	Timeout time.Duration
}

// Client is a connection to the service. Every RPC works with it, through the generated stubs:
//
//	checks := identityv1.NewIdentityServiceClient(client)
//
// It adds the credential and the deadline, and repeats calls that are safe to repeat. Every error is an [*Error]. It is
// safe for concurrent use; make one and keep it.
type Client struct {
	conn       *grpc.ClientConn
	credential TokenSource
	timeout    time.Duration
}

var _ grpc.ClientConnInterface = (*Client)(nil)

// NewClient does not wait for a connection. It fails if the address or a file is not usable.
func NewClient(config Config) (*Client, error) {
	if config.Address == "" {
		return nil, errors.New("identity: Address is required, such as localhost:50051")
	}
	if secret, ok := config.Credential.(Secret); ok && secret.Reveal() == "" {
		return nil, errors.New("identity: Credential is empty")
	}
	transport, err := transportOf(config)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	target, err := targetOf(config.Address)
	if err != nil {
		return nil, fmt.Errorf("identity: Address: %w", err)
	}
	conn, err := grpc.NewClient(target.name, append(target.options,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(roundRobin),
		// A record in DNS could make gRPC repeat calls that are not safe to repeat.
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswerBytes)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: keepaliveTime, Timeout: keepaliveAnswer, PermitWithoutStream: true,
		}))...)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	timeout := config.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return &Client{conn, config.Credential, timeout}, nil
}

// Must returns the value, and panics if there is an error. It is for the start of a program.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// As returns a client that makes its calls with another credential, over the same connection. The calls of a client
// without a credential would be those of its certificate, so nil is not that: its calls fail. A client without a
// credential is one whose Config has none.
func (c *Client) As(credential TokenSource) *Client {
	if credential == nil {
		credential = Secret{} // empty, so no call is made with it
	}
	return &Client{c.conn, credential, c.timeout}
}

// Close ends the connection, also for the clients that [Client.As] has made.
func (c *Client) Close() error { return c.conn.Close() }

// Invoke makes a call for the generated stubs.
func (c *Client) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	if _, set := ctx.Deadline(); !set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	ctx, err := c.authorize(ctx)
	if err != nil {
		return err
	}
	repeat := repeatOf(method, request)
	for made := 1; ; made++ {
		err := c.conn.Invoke(ctx, method, request, response, options...)
		if err == nil {
			return nil
		}
		failure := errorOf(err)
		if !repeat.allows(failure, made) || !sleep(ctx, delay(failure, made, rand.Float64())) {
			return failure
		}
	}
}

// NewStream fails: the service has no streams.
func (c *Client) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, &Error{Code: codes.Unimplemented, Message: "the service has no streams"}
}

func (c *Client) authorize(ctx context.Context) (context.Context, error) {
	if c.credential == nil {
		return ctx, nil
	}
	token, err := c.credential.Token(ctx)
	if err == nil && token.Reveal() == "" {
		err = errors.New("it is empty")
	}
	if known := (*Error)(nil); errors.As(err, &known) {
		return nil, known
	}
	if err != nil {
		return nil, &Error{Code: codes.Unauthenticated, Message: "the client has no credential", cause: err}
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token.Reveal()), nil
}

func transportOf(config Config) (credentials.TransportCredentials, error) {
	if config.Plaintext {
		if config.RootsFile != "" || config.CertificateFile != "" || config.KeyFile != "" {
			return nil, errors.New("Plaintext excludes RootsFile, CertificateFile and KeyFile")
		}
		return insecure.NewCredentials(), nil
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if config.RootsFile != "" {
		pem, err := os.ReadFile(config.RootsFile)
		if err != nil {
			return nil, err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate", config.RootsFile)
		}
	}
	if config.CertificateFile != "" || config.KeyFile != "" {
		pair, err := tls.LoadX509KeyPair(config.CertificateFile, config.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("CertificateFile and KeyFile: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(settings), nil
}
