package cache

import (
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Record describes one session without its secrets: what status shows, and what a
// restarted daemon needs to continue renewing it. It does not hold the access key ID.
// The targets of its slice and its pointer never change, so it may be copied.
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

	// Stored says that the store has the session. The cache sets it, and ignores the
	// broker's value.
	Stored bool `json:"stored"`

	Query     credential.Query `json:"query"` // of the last caller
	LastError *LastError       `json:"last_error,omitempty"`
}

// LastError is why the last try to fetch the session failed.
type LastError struct {
	Code    wire.Code `json:"code"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
}
