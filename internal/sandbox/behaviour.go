package sandbox

import "time"

// Behaviour is how the server answers. The zero value is a healthy STS.
type Behaviour struct {
	Delay    time.Duration // before every answer
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

	// SecretMark stands in every secret and every token it issues.
	SecretMark string

	// The faults: at most one of Silent, Body and Status with Code takes effect,
	// in that order, and none of these looks at the request. Mutate spoils the
	// answer to a request that is good.

	Silent     bool          // take the call and never answer, until the caller goes or the next Set
	Body       *Body         // answer with this in place of XML
	Status     int           // of an error answer, 0 means 400 when there is a Code; or of Body, 0 means 200
	Code       string        // of an error answer; "" means one that fits Status
	Message    string        // of an error answer; "" means one that fits
	RetryAfter time.Duration // told in an error answer's header when not 0
	Mutate     Mutation      // what is wrong with an otherwise good answer

	// FailNext is how many calls the faults take effect on; 0 means all. Only is
	// the one action they take effect on; "" means all.
	FailNext int
	Only     string

	// WrongCodes is how many MFA codes, counted from Set, are wrong whatever
	// they are.
	WrongCodes int
}

// Body is a raw answer.
type Body struct {
	Type   string // Content-Type; "" means text/html
	Text   string
	Repeat int // how often Text is sent; 0 means once
}

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

func (b Behaviour) faulty() bool {
	return b.Silent || b.Body != nil || b.Status != 0 || b.Code != "" || b.Mutate != ""
}

// Set changes how the server behaves from the next call on, and lets go of
// the callers that Silent holds.
func (s *Server) Set(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = b
	s.faultsLeft = -1
	if b.FailNext > 0 {
		s.faultsLeft = b.FailNext
	}
	s.wrongLeft = b.WrongCodes
	close(s.changed)
	s.changed = make(chan struct{})
}

// next returns how to treat the call of action that has just come in.
func (s *Server) next(action string) (b Behaviour, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b = s.behaviour
	if life := b.Lifetimes[action]; life > 0 {
		b.Lifetime = life
	}
	if b.faulty() {
		if s.faultsLeft == 0 || b.Only != "" && b.Only != action {
			b.Silent, b.Body, b.Status, b.Code, b.Mutate = false, nil, 0, "", ""
		} else if s.faultsLeft > 0 {
			s.faultsLeft--
		}
	}
	return b, s.changed
}
