package identitycenter

import (
	"cmp"
	"time"

	"understudy/internal/sandbox/steer"
)

// Page is what the person does on a page that asks for leave.
type Page string

const (
	Allows  Page = ""      // leave is given as soon as the page is loaded
	Denies  Page = "deny"  // leave is refused as soon as the page is loaded
	Waits   Page = "click" // the page has two buttons and waits for one of them
	Nothing Page = "leave" // the page is loaded, and nothing is ever answered
)

// Pages lists every Page there is.
func Pages() []Page { return []Page{Allows, Denies, Waits, Nothing} }

// Behaviour is how the server answers. The zero value is a healthy one. Lives
// are told in whole seconds; 0 means what the real one has.
type Behaviour struct {
	Page       Page
	Interval   time.Duration // between two polls of a device code, those that come sooner are told to slow down; 0 means 1 s
	ClientLife time.Duration // of a registered client; 0 means 90 days
	DeviceLife time.Duration // of a device code; 0 means 10 min
	CodeLife   time.Duration // of an authorization code; 0 means 1 min
	TokenLife  time.Duration // of an access token; 0 means an hour
	LoginLife  time.Duration // from the sign-in to the end of its refreshes; 0 means 8 h
	RoleLife   time.Duration // of a role's session, where the STS is not told otherwise; 0 means an hour
	Skew       time.Duration // its clock less the machine's

	NoRefresh  bool   // give no refresh token, as to a client that registered without scopes
	TokenSize  int    // characters of a token and a client's secret; 0 means about 1,000
	SecretMark string // stands in every secret, token and code it issues
	SlowDown   int    // how many polls of device codes, counted from Set, are told to slow down whenever they come

	// Fault is of the operations that Calls names.
	Fault steer.Fault
}

// now reads the server's clock.
func (b Behaviour) now() time.Time { return time.Now().Add(b.Skew) }

// life is d, or what the real one has, in whole seconds and never 0.
func life(d, real time.Duration) time.Duration {
	return max(cmp.Or(d, real).Truncate(time.Second), time.Second)
}

// Set changes how the server behaves from the next call on. What was issued
// keeps the life it was issued with.
func (s *Server) Set(b Behaviour) {
	s.mu.Lock()
	s.behaviour = b
	s.mu.Unlock()
	s.gate.Set(b.Fault)
}
