package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"time"

	"understudy/internal/credential"
)

// principal is whoever a key speaks for. It does not change once published.
type principal struct {
	keyID     string
	secret    credential.Secret
	token     credential.Secret // empty for a long-lived key
	expires   time.Time         // zero for a long-lived key
	accountID string
	arn       string // as GetCallerIdentity tells it
	userID    string
	roleARN   string // of a role session

	mfaSerial      string // of the device the user has
	totpSeed       credential.Secret
	mfa            bool // a code was given when the session was made
	sourceIdentity string
	transitive     map[string]string // tags that follow into the next role, by lower-case key
}

// temporary reports whether p holds a session and not a long-lived key.
func (p *principal) temporary() bool { return !p.token.Empty() }

// trustedBy reports whether r's trust policy names p.
func (p *principal) trustedBy(r Role) bool {
	if len(r.Trusts) == 0 {
		return true
	}
	for _, t := range r.Trusts {
		switch t {
		case "":
		case "*", p.arn, p.roleARN, p.accountID, "arn:aws:iam::" + p.accountID + ":root":
			return true
		}
	}
	return false
}

// issue makes a key, secret and token for p, publishes it and returns it.
func (s *Server) issue(p principal, b Behaviour) *principal {
	p.keyID = "ASIA" + randomText(16)
	p.secret = credential.NewSecret(fill(b.SecretMark, 40))
	size := b.TokenSize
	if size == 0 {
		size = defaultTokenSize
	}
	p.token = credential.NewSecret(fill(b.SecretMark, size))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.principals[p.keyID] = &p
	return &p
}

// defaultTokenSize is about what STS gives for a role session without tags.
const defaultTokenSize = 356

// fill returns n characters of base64, mark first; mark itself is never cut.
func fill(mark string, n int) string {
	b := make([]byte, n)
	rand.Read(b)
	text := base64.StdEncoding.EncodeToString(b)
	return mark + text[:max(n-len(mark), 0)]
}

func randomText(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base32.StdEncoding.EncodeToString(b)[:n]
}

// idFor derives the unique id AWS would give, the same each time for one name.
func idFor(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// roleName is the last part of a role's ARN: its path is not in the ARN of its
// sessions.
func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// Issued returns the secret, the token and the end, on the server's clock, of the
// session that has this access key.
func (s *Server) Issued(accessKeyID string) (secret, token credential.Secret, ends time.Time, ok bool) {
	p, ok := s.principal(accessKeyID)
	if !ok || !p.temporary() {
		return secret, token, ends, false
	}
	return p.secret, p.token, p.expires, true
}
