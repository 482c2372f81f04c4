// Package wire is the protocol between the daemon and its clients, the helper and
// the understudy command: one JSON line as the request, one or more as the reply, on
// a socket that belongs to one user.
//
// The helper starts a thousand times as often as the daemon, so this package uses
// the standard library and golang.org/x/sys only, and neither net nor encoding/json:
// it writes and parses the few kinds of lines itself.
//
//	→ {"v":1,"op":"credentials","profile":"prod","config_file":"/…","credentials_file":"/…"}
//	← {"v":1,"wait":15}                 a fetch is under way; wait so many seconds
//	← {"v":1,"ask":{"kind":"code",…}}   the user is asked at the caller's terminal
//	→ {"v":1,"id":"7","text":"…"}       what the user typed, or "pass" or "refuse"
//	← {"v":1,"credentials":{…}}         ready-made credential_process JSON
//	← {"v":1,"error":{"code":"…","message":"…","hint":"…"}}
//	← {"v":1,"result":{…}}              the other verbs' answers
package wire

import (
	"strconv"
	"time"
)

// Version is the protocol's version. Either side answers a version it does not
// know with NoDaemon, in the one shape that never changes: {"v":N,"error":…}.
const Version = 1

// Limits of both sides.
const (
	MaxLine     = 64 << 10         // bytes of one line, newline included
	ReadTimeout = 5 * time.Second  // without a byte from the other side
	FetchWait   = 15 * time.Second // for an answer of STS
	AskWait     = 50 * time.Second // for an answer of the user
	RetryFor    = 2 * time.Second  // while the daemon is not running, or its queue is full
	MaxConns    = 256
)

// The fixed parts of a request's line, in the order in which Append writes them.
// A field is followed by its value, a JSON string. internal/prelude writes the
// same line from them.
const (
	OpenRequest          = `{"v":1,"op":`
	FieldProfile         = `,"profile":`
	FieldConfigFile      = `,"config_file":`
	FieldCredentialsFile = `,"credentials_file":`
	CloseLine            = "}\n" // of a request and of a reply
)

// Op is the kind of a request. None loads or runs what a client names.
type Op string

const (
	Credentials Op = "credentials" // a session for Profile
	Status      Op = "status"      // what the daemon has; see docs/commands.md
	Forget      Op = "forget"      // drop Profile's session, or All
	Approve     Op = "approve"     // answer an open question
	Stop        Op = "stop"        // exit, as on SIGTERM
)

// Request is one line to the daemon. Its zero fields are left out.
type Request struct {
	V               int    `json:"v"`
	Op              Op     `json:"op"`
	Profile         string `json:"profile,omitempty"`
	ConfigFile      string `json:"config_file,omitempty"`      // absolute
	CredentialsFile string `json:"credentials_file,omitempty"` // absolute
	Person          bool   `json:"person,omitempty"`           // the user asks: a cached refusal is not used
	Login           bool   `json:"login,omitempty"`            // the user wants to be asked
	Device          bool   `json:"device,omitempty"`           // with Login: the user's browser is on another machine
	All             bool   `json:"all,omitempty"`              // with Forget
	Skip            int    `json:"skip,omitempty"`             // with Status: the number of sessions already received
}

// Append appends r as one line, newline included.
func (r Request) Append(b []byte) []byte {
	b = append(b, OpenRequest...)
	b = appendString(b, string(r.Op))
	for _, f := range [...]struct{ name, value string }{
		{FieldProfile, r.Profile},
		{FieldConfigFile, r.ConfigFile},
		{FieldCredentialsFile, r.CredentialsFile},
	} {
		if f.value != "" {
			b = append(b, f.name...)
			b = appendString(b, f.value)
		}
	}
	if r.Person {
		b = append(b, `,"person":true`...)
	}
	if r.Login {
		b = append(b, `,"login":true`...)
	}
	if r.Device {
		b = append(b, `,"device":true`...)
	}
	if r.All {
		b = append(b, `,"all":true`...)
	}
	if r.Skip > 0 {
		b = append(b, `,"skip":`...)
		b = strconv.AppendInt(b, int64(r.Skip), 10)
	}
	return append(b, CloseLine...)
}
