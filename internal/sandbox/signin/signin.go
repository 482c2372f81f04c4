// Package signin is the AWS sign-in service on loopback, as far as a profile
// with a login_session needs it: it renews what `aws login` has left. It checks
// the proof of possession (DPoP) that comes with each call. The sessions it
// hands out are known to the STS that it was made with. It is never linked into
// the product.
package signin

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/steer"
)

// ClientID is what a program on the person's own machine signs in as.
const ClientID = "arn:aws:signin:::devtools/same-device"

// Behaviour is how the server answers. The zero value is a healthy one.
type Behaviour struct {
	TokenLife  time.Duration // of a session, where the STS is not told otherwise; 0 means 15 min
	LoginLife  time.Duration // from the sign-in to the end of its renewals; 0 means 12 h
	Skew       time.Duration // its clock less the machine's
	SecretMark string        // stands in every refresh token; the STS has its own
	Changed    bool          // the person has another password since: USER_CREDENTIALS_CHANGED

	// Fault is of the one operation, CreateOAuth2Token.
	Fault steer.Fault
}

// Server is the sign-in service. It is an http.Handler, safe for concurrent
// use.
type Server struct {
	sts  *sandbox.Server
	gate steer.Gate
	log  steer.Log

	mu        sync.Mutex
	behaviour Behaviour
	tokens    map[string]*token // by refresh token
	proofs    map[string]bool   // the jti of each that was taken
}

// token is a refresh token's meaning. Asked for twice, it gives the same while
// that lives.
type token struct {
	key  *ecdsa.PrivateKey
	ends time.Time
	next *out
	till time.Time
}

// New returns a healthy server. Its sessions are sts's, and speak for the
// example user.
func New(sts *sandbox.Server) *Server {
	return &Server{sts: sts, tokens: make(map[string]*token), proofs: make(map[string]bool)}
}

// Set changes how the server answers from the next call on.
func (s *Server) Set(b Behaviour) {
	s.mu.Lock()
	s.behaviour = b
	s.mu.Unlock()
	s.gate.Set(b.Fault)
}

// Calls returns every call so far, oldest first. Proof is the refresh token's.
func (s *Server) Calls() []steer.Call { return s.log.Calls() }

// Count returns how often a session was asked for, whatever the answer.
func (s *Server) Count() int { return len(s.log.Calls()) }

type in struct {
	ClientID     string `json:"clientId"`
	GrantType    string `json:"grantType"`
	RefreshToken string `json:"refreshToken"`
}

type out struct {
	AccessToken struct {
		AccessKeyID string `json:"accessKeyId"`
		Secret      string `json:"secretAccessKey"`
		Token       string `json:"sessionToken"`
	} `json:"accessToken"`
	TokenType    string `json:"tokenType"`
	ExpiresIn    int    `json:"expiresIn"`
	RefreshToken string `json:"refreshToken"`
}

// Knows reports whether r is a call of this service, for whoever serves others
// beside it.
func (s *Server) Knows(r *http.Request) bool { return r.URL.Path == "/v1/token" }

const maxBody = 64 << 10 // bytes

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q in
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	bad := err != nil || json.Unmarshal(body, &q) != nil || r.Method != http.MethodPost || !s.Knows(r)
	call := s.log.Take("CreateOAuth2Token", map[string]string{"clientId": q.ClientID, "grantType": q.GrantType}, q.RefreshToken)
	send := func(e *refusal) {
		s.log.Note(call, e.status, e.kind)
		e.send(w)
	}
	if s.gate.Show(w, r, &s.log, call, func(status int, code, message string) { send(told(status, code, message)) }) {
		return
	}
	if bad {
		send(invalid("The request could not be read"))
		return
	}
	v, refused := s.renew(q, r)
	if refused != nil {
		send(refused)
		return
	}
	s.log.Note(call, http.StatusOK, "")
	reply(w, http.StatusOK, v)
}

func (s *Server) renew(q in, r *http.Request) (*out, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.behaviour
	now := time.Now().Add(b.Skew)
	switch {
	case q.ClientID != ClientID:
		return nil, invalid("Client is not known")
	case q.GrantType != "refresh_token": // a code is for aws login, which is not played here
		return nil, invalid("Grant type is not supported")
	}
	t, ok := s.tokens[q.RefreshToken]
	if !ok || !now.Before(t.ends) {
		return nil, denied("TOKEN_EXPIRED")
	}
	id, ok := proven(r, t.key, now)
	if !ok || s.proofs[id] {
		return nil, invalid("DPoP proof is not valid")
	}
	s.proofs[id] = true
	if b.Changed {
		return nil, denied("USER_CREDENTIALS_CHANGED")
	}
	if t.next == nil || !now.Before(t.till) {
		session, lasts := s.session()
		t.next, t.till = &out{TokenType: "aws_sigv4", ExpiresIn: int(lasts / time.Second)}, now.Add(lasts)
		t.next.AccessToken.AccessKeyID = session.AccessKeyID
		t.next.AccessToken.Secret = session.Secret.Reveal()
		t.next.AccessToken.Token = session.Token.Reveal()
		t.next.RefreshToken = s.refreshToken(t.key, t.ends)
	}
	return t.next, nil
}

// session gets the next one of the STS. The caller must hold s.mu.
func (s *Server) session() (sandbox.Session, time.Duration) {
	session := s.sts.IssueFor(sandbox.Example(), cmp.Or(s.behaviour.TokenLife, 15*time.Minute))
	return session, time.Until(session.Expires).Round(time.Second)
}

// refreshToken makes one. The caller must hold s.mu.
func (s *Server) refreshToken(key *ecdsa.PrivateKey, ends time.Time) string {
	raw := make([]byte, 600)
	rand.Read(raw)
	v := s.behaviour.SecretMark + base64.RawURLEncoding.EncodeToString(raw)
	s.tokens[v] = &token{key: key, ends: ends}
	return v
}

// Login is what `aws login` has left.
type Login struct {
	Session sandbox.Session
	Refresh credential.Secret
	key     *ecdsa.PrivateKey
}

// SignIn signs the example user in, without a browser and without a call.
func (s *Server) SignIn() Login {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("signin: " + err.Error()) // the system's randomness does not run out
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	session, _ := s.session()
	ends := time.Now().Add(s.behaviour.Skew).Add(cmp.Or(s.behaviour.LoginLife, 12*time.Hour))
	return Login{session, credential.NewSecret(s.refreshToken(key, ends)), key}
}

var _ http.Handler = (*Server)(nil)
