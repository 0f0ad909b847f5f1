package identity

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// Secret is a credential in text: an API key or a token. Nothing prints it.
//
// As a [TokenSource] it is a credential that never changes.
type Secret struct {
	// Neither fmt nor reflection can look into a function.
	reveal func() string
}

// NewSecret hides the text.
func NewSecret(text string) Secret { return Secret{func() string { return text }} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// String returns "[secret]".
func (Secret) String() string { return "[secret]" }

// Token returns the secret itself.
func (s Secret) Token(context.Context) (Secret, error) { return s, nil }

// TokenSource gives the credential of a call: a [Secret], a [TokenFile] or a [Session]. It must be safe for concurrent
// use.
type TokenSource interface {
	Token(ctx context.Context) (Secret, error)
}

const rereadAfter = 10 * time.Second

// TokenFile is a credential in a file that another program replaces, such as the token of a Kubernetes service account.
type TokenFile struct {
	path string
	now  func() time.Time

	mu     sync.Mutex
	token  Secret
	readAt time.Time
}

// NewTokenFile reads no file yet.
func NewTokenFile(path string) *TokenFile { return &TokenFile{path: path, now: time.Now} }

// Token returns what the file had at most 10 seconds ago. While the file cannot be read, the earlier token remains.
func (f *TokenFile) Token(context.Context) (Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	hasToken := f.token.Reveal() != ""
	if hasToken && now.Sub(f.readAt) < rereadAfter {
		return f.token, nil
	}
	text, err := os.ReadFile(f.path)
	text = bytes.TrimSpace(text)
	if err == nil && len(text) == 0 {
		err = fmt.Errorf("%s is empty", f.path)
	}
	if err != nil && !hasToken {
		return Secret{}, err
	}
	if err == nil {
		f.token = NewSecret(string(text))
	}
	f.readAt = now
	return f.token, nil
}
