package testbed

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Status is what understudy status --json prints: the fields that tests look at.
type Status struct {
	Daemon struct {
		PID         int
		Version     string
		Store       string
		StoreReason string `json:"store_reason"`
		ClockSkewS  int    `json:"clock_skew_s"`
	}
	Sessions []SessionStatus
}

// SessionStatus is one session of a Status.
type SessionStatus struct {
	Profiles  []string
	RoleARN   string `json:"role_arn"`
	State     string
	ExpiresAt time.Time `json:"expires_at"`
	RenewAt   time.Time `json:"renew_at"`
	Uses      int
	Fetches   int
	Stored    bool
	LastError *struct{ Code, Message string } `json:"last_error"`
}

// Status runs understudy status --json.
func (w *World) Status() (Status, error) { return w.Understudy("status", "--json").Parse() }

// Parse reads what understudy status --json printed.
func (o Outcome) Parse() (s Status, err error) {
	if err := json.Unmarshal([]byte(o.Stdout), &s); err != nil || o.Status != 0 {
		return s, fmt.Errorf("%v: %v", o, err)
	}
	return s, nil
}

// Session returns the session of a profile; the zero value if there is none.
func (s Status) Session(profile string) SessionStatus {
	for _, one := range s.Sessions {
		if slices.Contains(one.Profiles, profile) {
			return one
		}
	}
	return SessionStatus{}
}
