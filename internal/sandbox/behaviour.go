package sandbox

import (
	"time"

	"understudy/internal/sandbox/steer"
)

// Behaviour is how the server answers. The zero value is a healthy STS.
type Behaviour struct {
	Drip     time.Duration // between one byte of an answer's body and the next
	Lifetime time.Duration // of the sessions it issues, whatever was asked; 0 means what was asked
	Skew     time.Duration // its clock less the machine's

	// Lifetimes is Lifetime by action, where one has another: a GetSessionToken
	// session has to outlive the roles that are assumed with it.
	Lifetimes map[string]time.Duration

	Window    time.Duration // how far a signature's time may be off its clock; 0 means 15 min
	SkewCode  string        // the error for more than that; "" means SignatureDoesNotMatch; the other STS gives is RequestTimeTooSkewed
	TokenSize int           // characters of a session token; 0 means about 360

	// NewKeysUnknown is how many calls a key that CreateAccessKey makes signs in
	// vain, since word of it spreads slowly; 0 means that it is known at once.
	NewKeysUnknown int
	// DenyKeys is what IAM denies.
	DenyKeys DenyKeys

	// SecretMark is in every secret and every token that it issues.
	SecretMark string

	// Fault applies to the actions; Mutate spoils the answer to a valid request.
	Fault  Fault
	Mutate Mutation

	// WrongCodes is how many MFA codes, counted from Set, are wrong whatever
	// they are.
	WrongCodes int
}

// Fault is what goes wrong before a request is examined; every service of the
// sandbox has one.
type (
	Fault = steer.Fault
	Body  = steer.Body
)

// Mutation names one thing that is wrong with the credentials in an answer.
type Mutation string

const (
	ExpirationPast      Mutation = "expiration-past"
	Expiration2099      Mutation = "expiration-2099"
	ExpirationMalformed Mutation = "expiration-malformed"
	NoExpiration        Mutation = "no-expiration"
	NoAccessKeyID       Mutation = "no-access-key-id"
	NoSecret            Mutation = "no-secret"
	NoToken             Mutation = "no-token"
	NoCredentials       Mutation = "no-credentials"
	CutXML              Mutation = "cut-xml"  // ends in the middle, and says so in Content-Length
	CutBody             Mutation = "cut-body" // the connection ends before the length that was promised
)

// Mutations lists every Mutation there is.
func Mutations() []Mutation {
	return []Mutation{
		ExpirationPast, Expiration2099, ExpirationMalformed, NoExpiration,
		NoAccessKeyID, NoSecret, NoToken, NoCredentials, CutXML, CutBody,
	}
}

// now reads the server's clock.
func (b Behaviour) now() time.Time { return time.Now().Add(b.Skew).UTC() }

// Set changes how the server behaves from the next call on, and drops the
// callers that a silent Fault holds.
func (s *Server) Set(b Behaviour) {
	s.mu.Lock()
	s.behaviour = b
	s.wrongLeft = b.WrongCodes
	s.mu.Unlock()
	s.gate.Set(b.Fault)
}

// current returns the behaviour for a call of action.
func (s *Server) current(action string) Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.behaviour
	if life := b.Lifetimes[action]; life > 0 {
		b.Lifetime = life
	}
	return b
}
