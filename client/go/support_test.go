package identity

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"identity.example/go/identityv1"
)

type (
	checkRequest  = identityv1.CheckPermissionRequest
	checkResponse = identityv1.CheckPermissionResponse
)

// A gRPC server whose answers a test chooses: the real service cannot be made to fail in all these ways.
type scriptedService struct {
	identityv1.UnimplementedIdentityServiceServer
	calls       atomic.Int32
	credentials chan []string // of each call, if it is set
	check       func(ctx context.Context, call int, request *checkRequest) (*checkResponse, error)
	logIn       func(call int) (*identityv1.AuthenticateResponse, error)
}

func (s *scriptedService) CheckPermission(ctx context.Context, request *checkRequest) (*checkResponse, error) {
	if s.credentials != nil {
		s.credentials <- metadata.ValueFromIncomingContext(ctx, "authorization")
	}
	return s.check(ctx, int(s.calls.Add(1)), request)
}

func (s *scriptedService) Authenticate(
	context.Context, *identityv1.AuthenticateRequest,
) (*identityv1.AuthenticateResponse, error) {
	return s.logIn(int(s.calls.Add(1)))
}

// Starts a server on a free port of 127.0.0.1, and returns its address.
func start(t *testing.T, register func(grpc.ServiceRegistrar), options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	register(server)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func (s *scriptedService) start(t *testing.T, options ...grpc.ServerOption) string {
	t.Helper()
	return start(t, func(r grpc.ServiceRegistrar) { identityv1.RegisterIdentityServiceServer(r, s) }, options...)
}

func connect(t *testing.T, config Config) *Client {
	t.Helper()
	client, err := NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// A connection without the library.
func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func allowed() *identityv1.CheckPermissionResponse {
	return &checkResponse{
		Decision: identityv1.Decision_DECISION_ALLOWED,
		Reason:   identityv1.Reason_REASON_GRANTED,
	}
}

func check(client *Client) (*checkResponse, error) {
	return identityv1.NewIdentityServiceClient(client).CheckPermission(context.Background(),
		&checkRequest{
			Subject:    &identityv1.CheckPermissionRequest_Anonymous{Anonymous: true},
			Permission: "posts:read",
		})
}
