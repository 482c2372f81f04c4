package metadata

import (
	"cmp"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/steer"
)

// Container is the credentials endpoint of a container. It is an http.Handler
// that gives them at whatever path it is asked, safe for concurrent use.
type Container struct {
	gate  steer.Gate
	log   steer.Log
	hold  holder
	mu    sync.Mutex
	token credential.Secret
}

// ContainerBehaviour is how a Container answers. The zero value is a healthy
// one.
type ContainerBehaviour struct {
	Lifetime time.Duration     // of a session, where the STS is not told otherwise; 0 means 6 h
	Token    credential.Secret // in place of the one it was made with, as when the file of it is written anew

	// Fault is of the one operation, GetCredentials.
	Fault steer.Fault
}

// NewContainer returns the endpoint of a container with the role, which asks
// for the token in its Authorization header; an empty token asks for none. Its
// sessions are sts's.
func NewContainer(sts *sandbox.Server, roleARN string, token credential.Secret) *Container {
	return &Container{hold: holder{sts: sts, role: roleARN, name: "0123456789abcdef0123456789abcdef"}, token: token}
}

// Set changes how the endpoint answers from the next call on. A token stays
// until another is set.
func (c *Container) Set(b ContainerBehaviour) {
	c.mu.Lock()
	if !b.Token.Empty() {
		c.token = b.Token
	}
	c.mu.Unlock()
	c.hold.set("", b.Lifetime)
	c.gate.Set(b.Fault)
}

// Calls returns every call so far, oldest first. Proof is the token's.
func (c *Container) Calls() []steer.Call { return c.log.Calls() }

// Count returns how often the credentials were asked for, whatever the answer.
func (c *Container) Count() int { return len(c.log.Calls()) }

// ServeHTTP answers one call.
func (c *Container) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given := r.Header.Get("Authorization")
	call := c.log.Take("GetCredentials", map[string]string{"path": r.URL.Path}, given)
	refuse := func(status int, code, message string) {
		code = cmp.Or(code, http.StatusText(status))
		c.log.Note(call, status, code)
		write(w, status, map[string]string{"code": code, "message": message})
	}
	if c.gate.Show(w, r, &c.log, call, refuse) {
		return
	}
	c.mu.Lock()
	token := c.token
	c.mu.Unlock()
	switch {
	case r.Method != http.MethodGet:
		refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "Method is not supported")
		return
	case subtle.ConstantTimeCompare([]byte(given), []byte(token.Reveal())) == 0:
		refuse(http.StatusUnauthorized, "AccessDenied", "Authorization token is not valid")
		return
	}
	s, _ := c.hold.session()
	c.log.Note(call, http.StatusOK, "")
	write(w, http.StatusOK, map[string]string{
		"RoleArn": c.hold.arn(), "AccessKeyId": s.AccessKeyID, "SecretAccessKey": s.Secret.Reveal(),
		"Token": s.Token.Reveal(), "Expiration": stamp(s.Expires),
	})
}

func write(w http.ResponseWriter, status int, v map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
