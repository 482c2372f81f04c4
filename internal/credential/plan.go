// Package credential holds the vocabulary that every other package speaks: a
// Secret that cannot be printed, a Session and how long it may still be
// served, the Plan by which one is obtained, and the Failure that says why it
// was not. It does no I/O but to read the clocks.
package credential

import "context"

// Query is what a caller asks for: a profile, and the files it is to be read
// from, both absolute paths.
type Query struct {
	Profile         string
	ConfigFile      string
	CredentialsFile string
}

// Plan is how to obtain one session. It is made from the configuration alone,
// without a call to anyone, and is not changed once made.
type Plan struct {
	// ID is the session's identity: a hash over every parameter that has an
	// effect on what the session may do. Two profiles that ask for the same
	// have the same ID and share one session.
	ID string

	Profile   string // the profile it was made for
	RoleARN   string // empty when no role is assumed
	AccountID string // of the role; empty when not known before the answer
	Source    string // for people, one short phrase: "role via keys of base"

	// Base is how to obtain the session that signs the call; nil when the keys
	// that sign it, if any, are long-lived and read from the configuration.
	Base *Plan

	// Fetch asks the issuer for a new session. base is a session made by Base,
	// the zero Session when Base is nil. It makes one try, bounded by ctx and
	// by its own deadline of 5 s, and returns a session that passes Check or
	// an error that is or wraps a *Failure.
	Fetch func(ctx context.Context, base Session) (Session, error)
}
