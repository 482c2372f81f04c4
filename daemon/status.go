package daemon

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Status is what `understudy status --json` prints. Fields are added, never
// renamed; none holds a secret, a token or an access key id.
type Status struct {
	Daemon   DaemonStatus    `json:"daemon"`
	Sessions []SessionStatus `json:"sessions"` // by profile, then role

	// More is set on the wire when a line could not hold all sessions: ask
	// again and skip those that came.
	More bool `json:"more,omitempty"`
}

// page is st without its first skip sessions, and with no more of the rest than
// one line of the wire holds.
func (st Status) page(skip int) Status {
	rest := st.Sessions[min(max(skip, 0), len(st.Sessions)):]
	size := 1024 // the daemon's part and the frame
	for i, one := range rest {
		b, _ := json.Marshal(one) // plain data: cannot fail
		if size += len(b) + 1; size > wire.MaxLine && i > 0 {
			st.Sessions, st.More = rest[:i], true
			return st
		}
	}
	st.Sessions = rest
	return st
}

// DaemonStatus is the part about the daemon itself.
type DaemonStatus struct {
	PID         int    `json:"pid"`
	Version     string `json:"version"`
	Store       string `json:"store"` // keychain or memory
	StoreReason string `json:"store_reason"`
	StartedAt   Stamp  `json:"started_at"`
	ClockSkewS  int    `json:"clock_skew_s"` // STS's clock less this machine's, seconds
}

// SessionStatus is the part about one session.
type SessionStatus struct {
	Profiles   []string   `json:"profiles"`
	RoleARN    string     `json:"role_arn"`
	AccountID  string     `json:"account_id"`
	Source     string     `json:"source"`
	State      State      `json:"state"`
	IssuedAt   Stamp      `json:"issued_at"`
	ExpiresAt  Stamp      `json:"expires_at"`
	RenewAt    Stamp      `json:"renew_at"`
	LastUsedAt Stamp      `json:"last_used_at"`
	Uses       int        `json:"uses"`
	Fetches    int        `json:"fetches"`
	Stored     bool       `json:"stored"`
	LastError  *LastError `json:"last_error"`
}

// LastError is why the last fetch did not succeed; null after one that did.
type LastError struct {
	Code    wire.Code `json:"code"`
	Message string    `json:"message"`
	At      Stamp     `json:"at"`
}

// State is a session's state in one word.
type State string

const (
	Ready       State = "ready"
	Renewing    State = "renewing"     // a fetch is under way
	LoginNeeded State = "login-needed" // a person must act
	Refused     State = "refused"      // STS or the configuration said no
	Expired     State = "expired"
)

// Stamp is a time as all our JSON has it: UTC, whole seconds, a Z; null when
// there is none.
type Stamp struct{ time.Time }

func (s Stamp) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + s.UTC().Format(credential.TimeFormat) + `"`), nil
}

// Status returns what the server has now.
func (s *Server) Status() Status {
	now := s.cfg.Now()
	kind, reason := "memory", ""
	if s.cfg.Store != nil {
		kind, reason = s.cfg.Store()
	}
	stored := make(map[string]bool)
	for _, r := range s.cfg.Cache.Records() {
		stored[r.ID] = r.Stored
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{
		Daemon: DaemonStatus{
			PID: os.Getpid(), Version: s.cfg.Version, Store: kind, StoreReason: reason,
			StartedAt: Stamp{s.started}, ClockSkewS: int(s.skew / time.Second),
		},
		Sessions: make([]SessionStatus, 0, len(s.entries)),
	}
	for id, e := range s.entries {
		st.Sessions = append(st.Sessions, s.statusLocked(e, now, stored[id]))
	}
	slices.SortFunc(st.Sessions, func(a, b SessionStatus) int {
		return cmp.Or(slices.Compare(a.Profiles, b.Profiles), cmp.Compare(a.RoleARN, b.RoleARN))
	})
	return st
}

func (s *Server) statusLocked(e *entry, now credential.Moment, stored bool) SessionStatus {
	r := e.record
	st := SessionStatus{
		Profiles: r.Profiles, RoleARN: r.RoleARN, AccountID: r.AccountID, Source: r.Source,
		State:    s.stateLocked(e, now),
		IssuedAt: Stamp{r.IssuedAt}, ExpiresAt: Stamp{r.ExpiresAt}, LastUsedAt: Stamp{r.LastUsedAt},
		Uses: r.Uses, Fetches: r.Fetches, Stored: stored,
	}
	if d, ok := s.dueInLocked(e, now); ok {
		st.RenewAt = Stamp{now.Wall.Add(d)}
	}
	if r.LastError != nil {
		st.LastError = &LastError{r.LastError.Code, r.LastError.Message, Stamp{r.LastError.At}}
	}
	return st
}

func (s *Server) stateLocked(e *entry, now credential.Moment) State {
	good := e.has && e.session.Left(now) > 0 || !e.has && !e.loaded && e.record.ExpiresAt.After(now.Wall)
	switch {
	case e.flight != nil && e.plan != nil && s.cfg.Desk.Asking(e.plan.About()):
		return LoginNeeded
	case e.flight != nil:
		return Renewing
	case e.failure != nil && e.failure.Code == wire.LoginNeeded && !e.usable(now):
		return LoginNeeded
	case e.failure != nil && e.failure.Final() && e.failure.Code != wire.LoginNeeded:
		return Refused
	case good:
		return Ready
	case e.record.LastError != nil && e.record.LastError.Code == wire.Denied:
		return Refused // said to an earlier daemon
	}
	return Expired
}
