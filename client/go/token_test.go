package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"identity.example/go/identityv1"
)

func TestNothingPrintsASecret(t *testing.T) {
	const text = "idk_never-print-this"
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file := NewTokenFile(path)
	Must(file.Token(context.Background()))
	config := Config{Address: "localhost:1", Plaintext: true, Credential: NewSecret(text)}
	client := connect(t, config)
	session := Must(NewSession(client, &identityv1.TokenSet{AccessToken: text, RefreshToken: text}))
	withFile, withSession := config, config
	withFile.Credential, withSession.Credential = file, session
	for _, value := range []any{
		NewSecret(text), file, session, client, client.As(session), config, withFile, withSession,
		Must(NewGuard(client, nil)), struct{ secret Secret }{NewSecret(text)}, []Secret{NewSecret(text)},
	} {
		for _, printed := range prints(t, value) {
			if strings.Contains(printed, text) || strings.Contains(printed, fmt.Sprintf("%x", text)) {
				t.Errorf("%T: %s", value, printed)
			}
		}
	}
}

// All usual ways to print the value, and what it points to.
func prints(t *testing.T, value any) []string {
	t.Helper()
	var result []string
	values := []any{value}
	if pointer := reflect.ValueOf(value); pointer.Kind() == reflect.Pointer {
		values = append(values, pointer.Elem().Interface())
	}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			result = append(result, fmt.Sprintf(verb, value))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "value", value)
		encoded, _ := json.Marshal(value) // some cannot be marshalled
		result = append(result, log.String(), string(encoded))
	}
	return result
}

func TestASecretIsItself(t *testing.T) {
	secret := NewSecret("idk_x")
	token, err := secret.Token(context.Background())
	if err != nil || token.Reveal() != "idk_x" || secret.String() != "[secret]" || (Secret{}).Reveal() != "" {
		t.Error(token, err)
	}
}

// A file and a clock.
type fileTest struct {
	path string
	now  time.Time
	file *TokenFile
}

func newFileTest(t *testing.T) *fileTest {
	test := &fileTest{path: filepath.Join(t.TempDir(), "token"), now: time.Unix(1_000_000, 0)}
	test.file = NewTokenFile(test.path)
	test.file.now = func() time.Time { return test.now }
	return test
}

func (f *fileTest) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *fileTest) want(t *testing.T, want string) {
	t.Helper()
	token, err := f.file.Token(context.Background())
	if err != nil || token.Reveal() != want {
		t.Errorf("got %q, %v, want %q", token.Reveal(), err, want)
	}
}

func TestAFileIsReadAgainAfterTenSeconds(t *testing.T) {
	test := newFileTest(t)
	test.write(t, "first\n")
	test.want(t, "first")
	test.write(t, "second\n")
	test.now = test.now.Add(rereadAfter - 1)
	test.want(t, "first")
	test.now = test.now.Add(1)
	test.want(t, "second")
}

func TestATokenRemainsWhileItsFileIsMissingOrEmpty(t *testing.T) {
	test := newFileTest(t)
	test.write(t, "first")
	test.want(t, "first")
	test.now = test.now.Add(rereadAfter)
	test.write(t, "")
	test.want(t, "first")
	test.now = test.now.Add(rereadAfter)
	os.Remove(test.path)
	test.want(t, "first")
	test.now = test.now.Add(rereadAfter)
	test.write(t, "second")
	test.want(t, "second")
}

func TestAMissingFileIsReadAgainAtOnce(t *testing.T) {
	test := newFileTest(t)
	if _, err := test.file.Token(context.Background()); err == nil {
		t.Error("no error")
	}
	test.write(t, "first")
	test.want(t, "first")
}
