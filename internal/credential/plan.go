// Package credential holds the vocabulary that every other package speaks: a
// Secret that cannot be printed, a Session and how long it may still be
// served, the Plan by which one is obtained, and the Failure that says why it
// was not. It does no I/O but to read the clocks.
package credential

import (
	"context"
	"errors"
)

// Query is what a caller asks for: a profile, and the files it is to be read
// from, both absolute paths.
type Query struct {
	Profile         string
	ConfigFile      string
	CredentialsFile string
	// Environment are the caller's own credentials, of which the daemon was told
	// because the profile's credential_source says Environment; nil where it was
	// not. One pointer stands for one set of them, so that queries compare.
	Environment *Environment `json:"-"`
}

// Environment is what a caller's AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
// AWS_SESSION_TOKEN hold.
type Environment struct {
	AccessKeyID     string
	SecretAccessKey Secret
	SessionToken    Secret // empty with long-lived keys
}

// ErrWantsEnvironment is returned by whoever makes plans where the profile takes
// the caller's own credentials and the Query holds none: ask the caller for them
// and ask again.
var ErrWantsEnvironment = errors.New("the profile takes its credentials from the caller's environment")

// Plan is how to obtain one session. It is made from the configuration alone,
// without a call to anyone, and is not changed once made.
type Plan struct {
	// ID is the session's identity: a hash over every parameter that has an
	// effect on what the session may do. Two profiles that ask for the same
	// have the same ID and share one session.
	ID string

	// Issuer names who is asked, such as a host, for what all its sessions share
	// when it does not answer; empty where nothing is shared.
	Issuer string

	Profile   string // the profile it was made for
	RoleARN   string // empty when no role is assumed
	AccountID string // of the role; empty when not known before the answer
	Source    string // for people, one short phrase: "role via keys of base"

	// Base is how to obtain the session that signs the call; nil when the keys
	// that sign it, if any, are long-lived and read from the configuration.
	Base *Plan

	// Asks is what a person may have to be asked about for this session, not for
	// those below it: a prompt.Question's About. Empty when nobody ever is.
	Asks string
	// Manual says that each new session takes a person, so that none is fetched
	// in the background and this one is served to its end.
	Manual bool

	// Runs says that Fetch runs a command of the configuration, which may take a
	// minute: it may have a person of its own to ask.
	Runs bool
	// Stamp stands for a file that Fetch reads beside the configuration, as it was
	// when the plan was made; empty when it reads none. A session made under
	// another Stamp is renewed in the background once somebody asks for it.
	Stamp string

	// Fetch asks the issuer for a new session, and a person where Asks says so
	// and ctx is not Unattended. base is a session made by Base,
	// the zero Session when Base is nil. It makes one try, bounded by ctx and
	// by its own deadline of 5 s, or a person's time, and returns a session that passes Check or
	// an error that is or wraps a *Failure. Where Runs is set the command comes
	// on top of the 5 s.
	Fetch func(ctx context.Context, base Session) (Session, error)
}

// About lists what a person may be asked about for p and the plans it stands on.
func (p *Plan) About() []string {
	var all []string
	for ; p != nil; p = p.Base {
		if p.Asks != "" {
			all = append(all, p.Asks)
		}
	}
	return all
}

// Slow reports whether p or a plan it stands on runs a command.
func (p *Plan) Slow() bool {
	for ; p != nil; p = p.Base {
		if p.Runs {
			return true
		}
	}
	return false
}

type unattendedKey struct{}

// Unattended returns a ctx in which no person is asked: a Fetch that would have
// to gives a Failure that is Unasked.
func Unattended(ctx context.Context) context.Context {
	return context.WithValue(ctx, unattendedKey{}, true)
}

// IsUnattended reports whether ctx is one that Unattended made, or stands on one.
func IsUnattended(ctx context.Context) bool { return ctx.Value(unattendedKey{}) != nil }
