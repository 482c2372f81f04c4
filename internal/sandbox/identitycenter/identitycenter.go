// Package identitycenter is a small IAM Identity Center on loopback, for the
// demo and the tests: the OIDC service that signs a person in (with an
// authorization code and PKCE, or with a device code), the pages that a browser
// shows for it, and the portal that hands out role credentials. It checks what
// the real one checks and answers in the real one's words. The sessions it
// hands out are known to the STS that it was made with. It is never linked into
// the product.
//
// One handler serves it all, so that the endpoint of sso-oidc and of sso may be
// the same; it may be mounted below a path with http.StripPrefix.
package identitycenter

import (
	"net/http"
	"slices"
	"sync"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/steer"
)

// What every Server has.
const (
	StartURL = "https://example.awsapps.com/start"
	Region   = "eu-west-1"
	User     = "alice@example.com" // who signs in
)

// Account is an AWS account that the user may open, with the names of the
// permission sets assigned to the user there.
type Account struct {
	ID, Name, Email string
	Roles           []string
}

// Accounts are those of a new Server.
func Accounts() []Account {
	return []Account{
		{ID: "123456789012", Name: "production", Email: "production@example.com", Roles: []string{"Admin", "Reader"}},
		{ID: "210987654321", Name: "staging", Email: "staging@example.com", Roles: []string{"Admin"}},
		{ID: "222222222222", Name: "archive", Email: "archive@example.com"},
	}
}

// Server is the Identity Center. It is an http.Handler, safe for concurrent
// use.
type Server struct {
	sts  *sandbox.Server
	mux  *http.ServeMux
	gate steer.Gate
	log  steer.Log

	mu        sync.Mutex
	behaviour Behaviour
	accounts  []Account
	clients   map[string]*client // by ID
	devices   map[string]*device // by device code
	codes     map[string]*code   // by authorization code
	access    map[string]*access // by access token
	refresh   map[string]*signIn // by refresh token; only the newest of each sign-in
}

// New returns a healthy server with Accounts. Its role sessions are sts's.
func New(sts *sandbox.Server) *Server {
	s := &Server{
		sts:      sts,
		accounts: Accounts(),
		clients:  make(map[string]*client),
		devices:  make(map[string]*device),
		codes:    make(map[string]*code),
		access:   make(map[string]*access),
		refresh:  make(map[string]*signIn),
	}
	s.mux = s.routes()
	return s
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetAccounts puts accounts in place of those there were.
func (s *Server) SetAccounts(accounts []Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = slices.Clone(accounts)
}

// Answer is what the person does with a device's user code, without a browser.
// It reports whether the code is known and open.
func (s *Server) Answer(userCode string, allow bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.openDevice(userCode)
	if d == nil {
		return false
	}
	d.answered, d.allowed = true, allow
	return true
}

// EndSessions forgets every token, as when an administrator ends the user's
// sessions: the portal answers UnauthorizedException, a refresh invalid_grant.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
	clear(s.refresh)
}

// Calls returns every call so far, oldest first, the loads of its pages among
// them. Op is one of RegisterClient, StartDeviceAuthorization, CreateToken,
// Authorize, Device, GetRoleCredentials, ListAccounts, ListAccountRoles, Logout.
// Proof is that of the code, verifier or token that was sent.
func (s *Server) Calls() []steer.Call { return s.log.Calls() }

// Count returns how often op was called, whatever the answer.
func (s *Server) Count(op string) int { return s.log.Count(op) }

// Grants returns how often CreateToken was called for the grant type, whatever
// the answer: "authorization_code", "refresh_token" or DeviceGrant.
func (s *Server) Grants(grantType string) int {
	n := 0
	for _, c := range s.Calls() {
		if c.Op == "CreateToken" && c.Params["grantType"] == grantType {
			n++
		}
	}
	return n
}

var _ http.Handler = (*Server)(nil)
