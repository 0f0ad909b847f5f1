package identity

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"identity.example/go/identityv1"
)

// The value of an environment variable that scripts/run has written for a running service.
func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Skipf("%s is not set: start a service (README.md)", name)
	}
	return value
}

func connectToService(t *testing.T, credential TokenSource) *Client {
	t.Helper()
	return connect(t, Config{Address: setting(t, "IDENTITY_ADDRESS"), Plaintext: true, Credential: credential})
}

func TestTheServiceDecides(t *testing.T) {
	client := connectToService(t, NewSecret(setting(t, "IDENTITY_SERVICE_KEY")))
	answer, err := identityv1.NewIdentityServiceClient(client).CheckPermission(context.Background(),
		&checkRequest{
			Subject:    &identityv1.CheckPermissionRequest_Self{Self: true},
			Permission: "identity:check",
		})
	if err != nil || answer.GetDecision() != identityv1.Decision_DECISION_ALLOWED {
		t.Error(answer, err)
	}
}

func TestTheServicesErrorsAreRead(t *testing.T) {
	_, err := check(connectToService(t, NewSecret("idk_unknown")))
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != codes.Unauthenticated || failure.Reason != "CALLER_INVALID" {
		t.Error(err)
	}
	client := connectToService(t, NewSecret(setting(t, "IDENTITY_SERVICE_KEY")))
	_, err = identityv1.NewIdentityServiceClient(client).CheckPermission(context.Background(), &checkRequest{})
	if !errors.As(err, &failure) || failure.Reason != "INVALID_FIELD" || len(failure.Fields) == 0 {
		t.Error(err)
	}
}

func TestASessionOfTheServiceRefreshesUntilItIsRevoked(t *testing.T) {
	ctx := context.Background()
	client := connectToService(t, nil)
	service := identityv1.NewIdentityServiceClient(client)
	response, err := service.Authenticate(ctx, &identityv1.AuthenticateRequest{
		Credential: &identityv1.AuthenticateRequest_Password{Password: &identityv1.PasswordCredential{
			Login: setting(t, "IDENTITY_ADMIN_LOGIN"), Password: setting(t, "IDENTITY_ADMIN_PASSWORD"),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Duration(0)
	clock := WithClock(func() time.Time { return time.Now().Add(ahead) })
	session := Must(NewSession(client, response.GetTokens(), clock))
	first := Must(session.Token(ctx))
	ahead += time.Hour
	second := Must(session.Token(ctx))
	if first.Reveal() == second.Reveal() {
		t.Error("the session has not refreshed")
	}
	account, err := identityv1.NewAccountServiceClient(client.As(session)).GetAccount(ctx, &identityv1.GetAccountRequest{})
	if err != nil || account.GetAccount().GetId() != session.PrincipalID() {
		t.Error(account, err)
	}
	_, err = identityv1.NewIdentityServiceClient(client.As(session)).Revoke(ctx, &identityv1.RevokeRequest{
		Target: &identityv1.RevokeRequest_SessionId{SessionId: session.ID()},
	})
	if err != nil {
		t.Fatal(err)
	}
	ahead += time.Hour
	for range 2 {
		var failure *Error
		if _, err := session.Token(ctx); !errors.As(err, &failure) || failure.Reason != "REFRESH_TOKEN_INVALID" {
			t.Error(err)
		}
	}
}
