package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"

	identity "identity.example/go"
	"readme.example/guestbookv1"
)

type guestbook struct {
	guestbookv1.UnimplementedGuestbookServer
}

func (guestbook) Read(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	decision, _ := identity.DecisionFromContext(ctx)
	return &guestbookv1.Seen{Username: decision.Principal.GetUsername()}, nil
}

func (guestbook) Ping(context.Context, *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return &guestbookv1.Seen{}, nil
}

func main() {
	config := identity.Config{
		Address:    os.Getenv("IDENTITY_ADDRESS"),
		Plaintext:  true,
		Credential: identity.NewSecret(os.Getenv("IDENTITY_SERVICE_KEY")),
	}
	// @LINES@
	guestbookv1.RegisterGuestbookServer(server, guestbook{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.Serve(listener))
}
