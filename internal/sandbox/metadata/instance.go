// Package metadata is what a machine in AWS finds beside it, on loopback: the
// metadata service of an EC2 instance, version 2 (a token first), and the
// credentials endpoint of a container. Both hand out sessions that the sandbox
// STS knows, the same one again until it nears its end. It is never linked into
// the product.
package metadata

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/steer"
)

// Instance is the metadata service. It is an http.Handler for paths that begin
// with /latest/, safe for concurrent use.
type Instance struct {
	mux  *http.ServeMux
	gate steer.Gate
	log  steer.Log
	hold holder

	mu        sync.Mutex
	behaviour InstanceBehaviour
	tokens    map[string]time.Time // to their end
}

// InstanceBehaviour is how an Instance answers. The zero value is a healthy one
// that has the role it was made with.
type InstanceBehaviour struct {
	RoleARN  string        // in place of the one it was made with
	NoRole   bool          // there is none: 404 for its credentials
	Region   string        // "" means eu-west-1
	Lifetime time.Duration // of a session, where the STS is not told otherwise; 0 means 6 h
	TokenTTL time.Duration // of a token, whatever was asked; 0 means what was asked
	Version1 bool          // calls without a token are answered too

	// Problem is what the credentials say in place of Success, such as
	// AssumeRoleUnauthorizedAccess; "" means that they are there.
	Problem string

	// Fault is of the operations that Calls names.
	Fault steer.Fault
}

// NewInstance returns an instance with the role. Its sessions are sts's.
func NewInstance(sts *sandbox.Server, roleARN string) *Instance {
	i := &Instance{hold: holder{sts: sts, role: roleARN, name: instanceID}, tokens: make(map[string]time.Time), mux: http.NewServeMux()}
	i.mux.HandleFunc("PUT /latest/api/token", i.token)
	i.mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{$}", i.behind("ListRoles", i.listRoles))
	i.mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role}", i.behind("GetCredentials", i.credentials))
	i.mux.HandleFunc("GET /latest/meta-data/placement/region", i.behind("GetRegion", i.region))
	i.mux.HandleFunc("GET /latest/meta-data/placement/availability-zone", i.behind("GetRegion", i.zone))
	i.mux.HandleFunc("GET /latest/dynamic/instance-identity/document", i.behind("GetRegion", i.document))
	return i
}

const instanceID = "i-0123456789abcdef0"

// Set changes how the service answers from the next call on.
func (i *Instance) Set(b InstanceBehaviour) {
	i.mu.Lock()
	i.behaviour = b
	i.mu.Unlock()
	i.hold.set(b.RoleARN, b.Lifetime)
	i.gate.Set(b.Fault)
}

// Calls returns every call so far, oldest first. Op is one of GetToken,
// ListRoles, GetCredentials, GetRegion and, for all else, Unknown.
func (i *Instance) Calls() []steer.Call { return i.log.Calls() }

// Count returns how often op was called, whatever the answer.
func (i *Instance) Count(op string) int { return i.log.Count(op) }

// ServeHTTP answers one call.
func (i *Instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := i.mux.Handler(r); pattern == "" {
		i.behind("Unknown", func(*http.Request, InstanceBehaviour) (string, int) { return "", http.StatusNotFound })(w, r)
		return
	}
	i.mux.ServeHTTP(w, r)
}

const (
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	maxTTL      = 21600 // seconds
)

func (i *Instance) token(w http.ResponseWriter, r *http.Request) {
	call := i.log.Take("GetToken", map[string]string{"ttl": r.Header.Get(ttlHeader)}, "")
	if i.faulty(w, r, call) {
		return
	}
	seconds, err := strconv.Atoi(r.Header.Get(ttlHeader))
	switch {
	case err != nil || seconds < 1 || seconds > maxTTL:
		i.finish(w, call, "", http.StatusBadRequest)
		return
	case r.Header.Get("X-Forwarded-For") != "": // somebody asks through a proxy
		i.finish(w, call, "", http.StatusForbidden)
		return
	}
	raw := make([]byte, 40)
	rand.Read(raw)
	token := base64.URLEncoding.EncodeToString(raw)
	i.mu.Lock()
	if ttl := i.behaviour.TokenTTL; ttl > 0 {
		seconds = int(ttl / time.Second)
	}
	i.tokens[token] = time.Now().Add(time.Duration(seconds) * time.Second)
	i.mu.Unlock()
	w.Header().Set(ttlHeader, strconv.Itoa(seconds))
	i.finish(w, call, token, http.StatusOK)
}

// behind puts the checks that every read shares before do, which says the text
// or a status other than 200.
func (i *Instance) behind(op string, do func(*http.Request, InstanceBehaviour) (string, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get(tokenHeader)
		call := i.log.Take(op, map[string]string{"path": r.URL.Path}, token)
		if i.faulty(w, r, call) {
			return
		}
		i.mu.Lock()
		b := i.behaviour
		ends, known := i.tokens[token]
		i.mu.Unlock()
		if !(known && time.Now().Before(ends)) && !(token == "" && b.Version1) {
			i.finish(w, call, "", http.StatusUnauthorized)
			return
		}
		text, status := do(r, b)
		i.finish(w, call, text, status)
	}
}

func (i *Instance) faulty(w http.ResponseWriter, r *http.Request, c *steer.Call) bool {
	return i.gate.Show(w, r, &i.log, c, func(status int, _, _ string) { i.finish(w, c, "", status) })
}

func (i *Instance) finish(w http.ResponseWriter, c *steer.Call, text string, status int) {
	i.log.Note(c, status, "")
	plain(w, text, status)
}

func plain(w http.ResponseWriter, text string, status int) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	io.WriteString(w, text)
}

func (i *Instance) listRoles(_ *http.Request, b InstanceBehaviour) (string, int) {
	if b.NoRole {
		return "", http.StatusNotFound
	}
	return i.hold.roleName(), http.StatusOK
}

func (i *Instance) credentials(r *http.Request, b InstanceBehaviour) (string, int) {
	if b.NoRole || r.PathValue("role") != i.hold.roleName() {
		return "", http.StatusNotFound
	}
	if b.Problem != "" {
		return text(map[string]string{
			"Code": b.Problem, "LastUpdated": stamp(time.Now()), "Message": "EC2 cannot assume the role " + i.hold.roleName() + ".",
		}), http.StatusOK
	}
	s, at := i.hold.session()
	return text(map[string]string{
		"Code": "Success", "LastUpdated": stamp(at), "Type": "AWS-HMAC", "AccessKeyId": s.AccessKeyID,
		"SecretAccessKey": s.Secret.Reveal(), "Token": s.Token.Reveal(), "Expiration": stamp(s.Expires),
	}), http.StatusOK
}

func region(b InstanceBehaviour) string {
	if b.Region == "" {
		return "eu-west-1"
	}
	return b.Region
}

func (i *Instance) region(_ *http.Request, b InstanceBehaviour) (string, int) {
	return region(b), http.StatusOK
}

func (i *Instance) zone(_ *http.Request, b InstanceBehaviour) (string, int) {
	return region(b) + "a", http.StatusOK
}

func (i *Instance) document(_ *http.Request, b InstanceBehaviour) (string, int) {
	account := strings.Split(i.hold.arn(), ":")[4]
	return text(map[string]string{"region": region(b), "availabilityZone": region(b) + "a", "instanceId": instanceID, "accountId": account, "version": "2017-09-30"}), http.StatusOK
}

// text is v as a file of the service shows it.
func text(v map[string]string) string {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("metadata: " + err.Error()) // all of it is text
	}
	return string(out)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
