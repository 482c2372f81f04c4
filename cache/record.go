package cache

import (
	"reflect"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Record is what is known of one session but its secrets: what status shows,
// and what a restarted daemon needs to go on renewing it. It holds no key id.
type Record struct {
	ID        string   `json:"id"` // credential.Plan's
	Profiles  []string `json:"profiles"`
	RoleARN   string   `json:"role_arn,omitempty"`
	AccountID string   `json:"account_id,omitempty"`
	Source    string   `json:"source,omitempty"`

	IssuedAt   time.Time `json:"issued_at,omitzero"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	RenewAt    time.Time `json:"renew_at,omitzero"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`

	Uses    int `json:"uses"`
	Fetches int `json:"fetches"`

	// Stored says that the store holds the session. The cache knows and sets
	// it; Update takes no notice of it.
	Stored bool `json:"stored"`

	Query     credential.Query `json:"query"` // of the last who asked
	LastError *LastError       `json:"last_error,omitempty"`
}

// LastError is why the last try to obtain the session came to nothing.
type LastError struct {
	Code    wire.Code `json:"code"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
}

// clone is r as the cache keeps it: a caller's own credentials are secrets, and
// of no use to whoever comes after the daemon that was told them.
func (r Record) clone() Record {
	r.Query.Environment = nil
	r.Profiles = slices.Clone(r.Profiles)
	if r.LastError != nil {
		e := *r.LastError
		r.LastError = &e
	}
	return r
}

// sameButUses reports whether r and t differ in how often and when they were
// used at most.
func (r Record) sameButUses(t Record) bool {
	r.Uses, r.LastUsedAt, r.Stored = t.Uses, t.LastUsedAt, t.Stored
	return reflect.DeepEqual(r, t)
}
