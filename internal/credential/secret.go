package credential

import (
	"errors"
	"fmt"
	"log/slog"
)

// Secret is a string that does not show itself: printed with any verb, logged
// or compared in a test's output it reads [secret], and marshalling it is an
// error. It wraps a pointer because fmt and slog print a plain string type raw
// when it sits in an unexported field.
type Secret struct{ p *string }

const masked = "[secret]"

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{&s} }

// Reveal returns the hidden string; the zero Secret hides "".
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// Equal reports whether both hide the same string.
func (s Secret) Equal(t Secret) bool { return s.Reveal() == t.Reveal() }

// Empty reports whether nothing is hidden.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Format, String, GoString and LogValue all print the mask.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, masked) }

func (s Secret) String() string { return masked }

func (s Secret) GoString() string { return masked }

func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

var errSecret = errors.New("a secret is never marshalled; reveal it where it is meant to go")

// MarshalJSON and MarshalText refuse.
func (s Secret) MarshalJSON() ([]byte, error) { return nil, errSecret }

func (s Secret) MarshalText() ([]byte, error) { return nil, errSecret }
