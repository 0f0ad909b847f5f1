// A guestbook whose posts only some may read: a gRPC server with a guard.
//
//	IDENTITY_ADDRESS=localhost:50051 IDENTITY_SERVICE_KEY=idk_… go run ./example -plaintext
//
// It prints its own address. The caller of Read needs the permission posts:read on the post.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"

	identity "identity.example/go"
	"identity.example/go/internal/guestbookv1"
)

func main() {
	plaintext := flag.Bool("plaintext", false, "call the identity service without TLS")
	flag.Parse()
	config := identity.Config{
		Address:    os.Getenv("IDENTITY_ADDRESS"),
		Plaintext:  *plaintext,
		Credential: identity.NewSecret(os.Getenv("IDENTITY_SERVICE_KEY")),
	}

	client := identity.Must(identity.NewClient(config))
	guard := identity.Must(identity.NewGuard(client, identity.Rules{
		guestbookv1.Guestbook_Read_FullMethodName: {Permission: "posts:read", Resource: "orgs/{org}/posts/{post.id}"},
	}))
	server := grpc.NewServer(guard.ServerOptions()...)

	guestbookv1.RegisterGuestbookServer(server, guestbook{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	log.Fatal(server.Serve(listener))
}

type guestbook struct {
	guestbookv1.UnimplementedGuestbookServer
}

// Read runs only for callers that the guard has admitted.
func (guestbook) Read(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	decision, _ := identity.DecisionFromContext(ctx)
	return &guestbookv1.Seen{
		PrincipalId: decision.Principal.GetId(),
		Username:    decision.Principal.GetUsername(),
	}, nil
}
