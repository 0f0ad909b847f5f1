package main

import (
	"context"

	identity "identity.example/go"
	"identity.example/go/internal/guestbookv1"
)

// Answers with the decision that the guard gave it.
type guestbook struct {
	guestbookv1.UnimplementedGuestbookServer
}

func seen(ctx context.Context) (*guestbookv1.Seen, error) {
	decision, _ := identity.DecisionFromContext(ctx)
	return &guestbookv1.Seen{
		PrincipalId:      decision.Principal.GetId(),
		Username:         decision.Principal.GetUsername(),
		SessionId:        decision.SessionID,
		Scopes:           decision.Scopes,
		ConsistencyToken: decision.ConsistencyToken,
	}, nil
}

func (guestbook) Read(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return seen(ctx)
}

func (guestbook) Update(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return seen(ctx)
}

func (guestbook) Count(ctx context.Context, _ *guestbookv1.CountRequest) (*guestbookv1.Seen, error) {
	return seen(ctx)
}

func (guestbook) Ping(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return seen(ctx)
}

func (guestbook) Forgotten(ctx context.Context, _ *guestbookv1.PostRequest) (*guestbookv1.Seen, error) {
	return seen(ctx)
}
