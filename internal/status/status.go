// Package status has the JSON types of the daemon's reports: its status, the open
// questions and the lines of the access log. It is a package of its own so that the
// doctor need not import the daemon.
//
// Fields may be added but not renamed. None holds a secret, a token or an access key
// ID.
package status

import (
	"encoding/json"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Report is what `understudy status --json` prints.
type Report struct {
	Daemon   Daemon    `json:"daemon"`
	Sessions []Session `json:"sessions"` // by profile, then role

	// More is set on the wire if one line cannot hold all sessions: ask again with
	// Skip for the rest.
	More bool `json:"more,omitempty"`
}

// Page returns r without its first skip sessions, and with as many of the others as one
// line of the wire holds.
func (r Report) Page(skip int) Report {
	rest := r.Sessions[min(max(skip, 0), len(r.Sessions)):]
	size := 1024 // the daemon's part and the frame
	for i, one := range rest {
		b, _ := json.Marshal(one) // plain data: cannot fail
		if size += len(b) + 1; size > wire.MaxLine && i > 0 {
			r.Sessions, r.More = rest[:i], true
			return r
		}
	}
	r.Sessions = rest
	return r
}

// Daemon describes the daemon.
type Daemon struct {
	PID         int    `json:"pid"`
	Version     string `json:"version"`
	Store       string `json:"store"` // keychain or memory
	StoreReason string `json:"store_reason"`
	StartedAt   Time   `json:"started_at"`
	ClockSkewS  int    `json:"clock_skew_s"` // STS's clock minus this machine's, seconds
}

// Session describes one session.
type Session struct {
	Profiles   []string   `json:"profiles"`
	RoleARN    string     `json:"role_arn"`
	AccountID  string     `json:"account_id"`
	Source     string     `json:"source"`
	State      State      `json:"state"`
	IssuedAt   Time       `json:"issued_at"`
	ExpiresAt  Time       `json:"expires_at"`
	RenewAt    Time       `json:"renew_at"`
	LastUsedAt Time       `json:"last_used_at"`
	Uses       int        `json:"uses"`
	Fetches    int        `json:"fetches"`
	Stored     bool       `json:"stored"`
	LastError  *LastError `json:"last_error"`
}

// LastError is why the last fetch failed; null after one that succeeded.
type LastError struct {
	Code    wire.Code `json:"code"`
	Message string    `json:"message"`
	At      Time      `json:"at"`
}

// State is a session's state in one word.
type State string

const (
	Ready       State = "ready"        // can be served
	Renewing    State = "renewing"     // a fetch is in progress
	LoginNeeded State = "login-needed" // needs user interaction
	Refused     State = "refused"      // rejected by AWS, or for its configuration
	Expired     State = "expired"      // cannot be served; fetched again when it is requested
)

// Question is an open question and the request that led to it. To answer it, send that
// request again from a terminal.
type Question struct {
	Profile         string `json:"profile"`
	ConfigFile      string `json:"config_file"`
	CredentialsFile string `json:"credentials_file"`
	About           string `json:"about"`
}

// Questions are the questions that the user could answer now.
type Questions struct {
	Questions []Question `json:"questions"`
}

// Access is one line of the access log.
type Access struct {
	At      Time      `json:"at"`
	Profile string    `json:"profile"`
	RoleARN string    `json:"role_arn,omitempty"`
	PID     int       `json:"pid,omitempty"` // of the helper
	By      string    `json:"by,omitempty"`  // the program that ran the helper
	ByPID   int       `json:"by_pid,omitempty"`
	Result  wire.Code `json:"result"`         // "ok" or the error code
	Lost    int64     `json:"lost,omitempty"` // number of lines dropped before this one
}

// Time is a time that is marshaled as credential.TimeFormat; null if it is zero.
type Time struct{ time.Time }

func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	const quoted = `"` + credential.TimeFormat + `"`
	return t.UTC().AppendFormat(make([]byte, 0, len(quoted)), quoted), nil
}
