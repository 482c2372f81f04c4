package session

import (
	"crypto/sha256"

	"understudy/internal/credential"
)

// environments interns callers' credentials: equal credentials get the same pointer,
// so that the queries of their callers are equal.
type environments struct {
	known map[[sha256.Size]byte]*credential.Environment
}

// maxEnvironments bounds them. When there are more, all are forgotten; a caller that
// comes again is then recorded as another requester.
const maxEnvironments = 64

func (e *environments) intern(env credential.Environment) *credential.Environment {
	h := sha256.New()
	for _, v := range []string{env.AccessKeyID, env.SecretAccessKey.Reveal(), env.SessionToken.Reveal()} {
		h.Write([]byte(v))
		h.Write([]byte{0})
	}
	key := [sha256.Size]byte(h.Sum(nil))
	if known := e.known[key]; known != nil {
		return known
	}
	if e.known == nil || len(e.known) >= maxEnvironments {
		e.known = make(map[[sha256.Size]byte]*credential.Environment)
	}
	e.known[key] = &env
	return &env
}
