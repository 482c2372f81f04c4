package aws

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"understudy/internal/credential"
)

// Keys sign a request: long-lived keys, or those of a session.
type Keys struct {
	AccessKeyID     string
	SecretAccessKey credential.Secret
	SessionToken    credential.Secret // empty for long-lived keys
}

// SessionKeys returns the keys of a session.
func SessionKeys(s credential.Session) Keys {
	return Keys{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken}
}

// Temporary reports whether the keys are those of a session.
func (k Keys) Temporary() bool { return !k.SessionToken.Empty() }

// Invalid says why the keys cannot be part of a request; empty if they can.
func (k Keys) Invalid() string {
	switch {
	case !IsKeyID(k.AccessKeyID):
		return "its access key ID has characters that none of AWS has"
	case k.SecretAccessKey.Empty() || HasInvisible(k.SecretAccessKey):
		return "its secret access key has characters that none of AWS has"
	case HasInvisible(k.SessionToken):
		return "its session token has characters that none of AWS has"
	}
	return ""
}

// sdk returns the keys as the SDK takes them.
func (k Keys) sdk() sdk.Credentials {
	return sdk.Credentials{
		AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey.Reveal(), SessionToken: k.SessionToken.Reveal(),
	}
}

// secrets are the parts that no message may repeat.
func (k Keys) secrets() []string {
	return []string{k.SessionToken.Reveal(), k.SecretAccessKey.Reveal(), k.AccessKeyID}
}

// IsKeyID reports whether s can be an access key ID: 1 to 128 ASCII letters,
// digits and underscores. IAM's own have 16 and more; those of local emulators
// may be shorter.
func IsKeyID(s string) bool {
	return len(s) >= 1 && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool {
		return !isDigit(r) && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_'
	})
}

// IsAccountID reports whether s is an account ID: 12 digits.
func IsAccountID(s string) bool {
	return len(s) == 12 && !strings.ContainsFunc(s, func(r rune) bool { return !isDigit(r) })
}

// accountOf returns the account ID in an ARN; empty if there is none.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && IsAccountID(parts[4]) {
		return parts[4]
	}
	return ""
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// HasInvisible reports whether a secret has characters that no credential has.
func HasInvisible(s credential.Secret) bool {
	return strings.ContainsFunc(s.Reveal(), func(r rune) bool { return r < '!' || r > '~' })
}
