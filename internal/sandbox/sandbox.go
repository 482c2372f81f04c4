// Package sandbox is a small STS on loopback, for the demo, the tests and the
// benchmarks. It checks what the real one checks (signature, clock, session
// token, parameters, trust) and answers in the real one's words, and it can be
// told to misbehave in the ways a network, a load balancer or a broken proxy
// does. Beside that it lets a user change access keys as IAM does. It is never linked into the product.
//
// It remembers every call and every session for as long as it lives: it is
// made for runs that end.
package sandbox

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"understudy/internal/credential"
	"understudy/internal/sandbox/steer"
)

// User is an IAM user with one long-lived access key.
type User struct {
	Name        string
	AccountID   string
	AccessKeyID string
	Secret      credential.Secret
	MFASerial   string // of the device that is enabled; empty for none

	// TOTPSeed is the device's, in base32. Empty means that any six digits but
	// WrongCode are right, once.
	TOTPSeed credential.Secret
}

// ARN names the user.
func (u User) ARN() string { return "arn:aws:iam::" + u.AccountID + ":user/" + u.Name }

// Role is an IAM role that may be assumed.
type Role struct {
	ARN         string
	Trusts      []string      // ARNs that may assume it, providers' among them, or account IDs; empty means everyone
	ExternalID  string        // demanded when not empty
	MaxDuration time.Duration // of a session; 0 means the IAM default, an hour
	RequireMFA  bool          // only a caller who has given an MFA code
}

// Example is the user that every new Server knows. The keys are those of AWS's
// own documentation and open nothing.
func Example() User {
	return User{
		Name:        "alice",
		AccountID:   "111111111111",
		AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
		Secret:      credential.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
		MFASerial:   "arn:aws:iam::111111111111:mfa/alice",
	}
}

// Server is the STS. It is an http.Handler, safe for concurrent use.
type Server struct {
	signer *v4.Signer
	idp    issuer
	gate   steer.Gate
	log    steer.Log

	mu         sync.Mutex
	principals map[string]*principal // by access key ID
	longKeys   map[string]*longKey   // by access key ID
	roles      map[string]Role       // by ARN; nil until the first AddRole
	usedCodes  map[string]bool       // MFA serial and code
	behaviour  Behaviour
	wrongLeft  int             // of behaviour.WrongCodes
	rejected   map[string]bool // subjects
}

// New returns a server that knows the Example user. Until the first AddRole
// every role exists, trusts everyone and allows sessions of twelve hours.
func New() *Server {
	s := &Server{
		signer:     v4.NewSigner(),
		idp:        newIssuer(),
		rejected:   make(map[string]bool),
		principals: make(map[string]*principal),
		longKeys:   make(map[string]*longKey),
		usedCodes:  make(map[string]bool),
	}
	s.AddUser(Example())
	return s
}

// AddUser makes u known, in place of a user with the same access key ID.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.longKeys[u.AccessKeyID] = &longKey{id: u.AccessKeyID, user: u.ARN(), created: time.Now().UTC()}
	s.principals[u.AccessKeyID] = &principal{
		keyID:     u.AccessKeyID,
		secret:    u.Secret,
		accountID: u.AccountID,
		arn:       u.ARN(),
		userID:    idFor("AIDA", u.ARN()),
		mfaSerial: u.MFASerial,
		totpSeed:  u.TOTPSeed,
	}
}

// AddRole makes r known, in place of a role with the same ARN, and ends the
// time in which every role exists.
func (s *Server) AddRole(r Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roles == nil {
		s.roles = make(map[string]Role)
	}
	s.roles[r.ARN] = r
}

// Revoke forgets the key, a user's or a session's: what it signs from now on
// is answered with InvalidClientTokenId.
func (s *Server) Revoke(accessKeyID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.principals, accessKeyID)
	delete(s.longKeys, accessKeyID)
}

func (s *Server) principal(keyID string) (*principal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.principals[keyID]
	return p, ok
}

// role finds a role and the longest session it allows.
func (s *Server) role(arn string) (Role, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roles == nil {
		return Role{ARN: arn, MaxDuration: 12 * time.Hour}, true
	}
	r, ok := s.roles[arn]
	if r.MaxDuration == 0 {
		r.MaxDuration = time.Hour
	}
	return r, ok
}

var _ http.Handler = (*Server)(nil)
