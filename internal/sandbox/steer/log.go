package steer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

// Call is one request that a service has taken. There is no secret in it.
type Call struct {
	At      time.Time         // on the machine's clock
	Op      string            // as the service's own reference names it; "" if it could not be read
	Key     string            // access key ID that it says it was signed with; "" for none
	Params  map[string]string // what was asked for
	Proof   string            // of the secret that came with it; "" for none
	Repeats int               // how many calls before had the same Proof
	Status  int               // answered; 0 while unanswered
	Code    string            // of an error answer
}

// Log is what a service remembers of its calls. The zero value is empty.
type Log struct {
	mu     sync.Mutex
	memory Memory
	calls  []*Call
}

// Take notes a call at its arrival, so that one never answered shows too. Of
// secret, which may be "", only the proof is kept.
func (l *Log) Take(op string, params map[string]string, secret string) *Call {
	return l.TakeSigned("", op, params, secret)
}

// TakeSigned is Take for a call that was signed with an access key.
func (l *Log) TakeSigned(key, op string, params map[string]string, secret string) *Call {
	c := &Call{At: time.Now(), Op: op, Key: key, Params: params}
	c.Proof, c.Repeats = l.memory.See(secret)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	return c
}

// Note completes the record of an answered call.
func (l *Log) Note(c *Call, status int, code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Status, c.Code = status, code
}

// Calls returns every call so far, oldest first.
func (l *Log) Calls() []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Call, len(l.calls))
	for i, c := range l.calls {
		out[i] = *c
	}
	return out
}

// Count returns how often op was called, whatever the answer.
func (l *Log) Count(op string) int {
	return len(slices.DeleteFunc(l.Calls(), func(c Call) bool { return c.Op != op }))
}

// Memory knows secrets again without keeping them: a six-digit code has few
// values, so what it keeps is a hash under a key that it forgets with itself.
// The zero value has seen nothing.
type Memory struct {
	mu   sync.Mutex
	key  []byte
	seen map[string]int
}

// See returns the secret's proof, the same each time, and how often it was
// seen before. An empty secret has neither.
func (m *Memory) See(secret string) (proof string, before int) {
	if secret == "" {
		return "", 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.key == nil {
		m.key = make([]byte, sha256.Size)
		rand.Read(m.key)
		m.seen = make(map[string]int)
	}
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte(secret))
	proof = hex.EncodeToString(h.Sum(nil)[:8])
	before = m.seen[proof]
	m.seen[proof]++
	return proof, before
}
