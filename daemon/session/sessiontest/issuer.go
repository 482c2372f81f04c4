// Package sessiontest has the issuer that tests of the broker and of its front
// ends play with: plans by profile, sessions to order, and clocks that can be set.
package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Issuer issues sessions in a synctest bubble. Its own clock is the bubble's. Its
// exported fields may be changed under Set.
type Issuer struct {
	Boot  string                      // the name of this boot
	Wall  time.Duration               // how far the machine's wall clock is ahead
	Plans map[string]*credential.Plan // by profile
	Life  time.Duration               // of a session
	ByID  map[string]time.Duration    // in place of Life, for a session with that identity
	Delay time.Duration               // of an answer
	Fault error                       // in place of a session

	Calls int // so far
	Most  int // fetches at the same time
	Began time.Time

	mu      sync.Mutex
	fetches int // in progress
}

// New returns an Issuer of sessions of an hour, with one profile, "prod".
func New() *Issuer {
	i := &Issuer{Began: time.Now(), Boot: "boot-1", Plans: map[string]*credential.Plan{}, Life: time.Hour, Delay: 100 * time.Millisecond}
	i.Plan("prod", "id-prod")
	return i
}

// Set runs f under the issuer's lock.
func (i *Issuer) Set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

// Count returns the calls so far.
func (i *Issuer) Count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.Calls
}

// Since returns how long ago the issuer was made.
func (i *Issuer) Since() time.Duration { return time.Since(i.Began) }

// Now is session.Config.Now.
func (i *Issuer) Now() credential.Moment {
	i.mu.Lock()
	defer i.mu.Unlock()
	return credential.Moment{Wall: time.Now().Add(i.Wall).Round(0), Boot: time.Since(i.Began), ID: i.Boot}
}

// Plan adds a profile that is served the session with that identity.
func (i *Issuer) Plan(profile, id string) *credential.Plan {
	p := &credential.Plan{ID: id, Profile: profile, RoleARN: "arn:aws:iam::123456789012:role/" + id, Source: "test"}
	p.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) { return i.Issue(ctx, id) }
	i.mu.Lock()
	defer i.mu.Unlock()
	i.Plans[profile] = p
	return p
}

// Resolve is session.Config.Resolve.
func (i *Issuer) Resolve(_ context.Context, q credential.Query) (*credential.Plan, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.Plans[q.Profile]; p != nil {
		return p, nil
	}
	return nil, &credential.Failure{Code: wire.UnknownProfile, Reason: "no profile " + q.Profile, Hint: "add it"}
}

// Issue counts a call, waits, then fails or answers.
func (i *Issuer) Issue(ctx context.Context, id string) (credential.Session, error) {
	i.mu.Lock()
	i.Calls++
	n, delay, fault, life := i.Calls, i.Delay, i.Fault, i.Life
	if d, ok := i.ByID[id]; ok {
		life = d
	}
	i.fetches++
	i.Most = max(i.Most, i.fetches)
	i.mu.Unlock()
	defer func() { i.mu.Lock(); i.fetches--; i.mu.Unlock() }()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return credential.Session{}, ctx.Err()
	}
	if fault != nil {
		return credential.Session{}, fault
	}
	return credential.Session{
		AccessKeyID:     fmt.Sprintf("ASIA-%s-%d", id, n),
		SecretAccessKey: credential.NewSecret("made-up"), SessionToken: credential.NewSecret("made-up-too"),
		Expiration: time.Now().Add(life).Truncate(time.Second).UTC(), Lifetime: life, Issued: i.Now(),
	}, nil
}

// Query is what a helper asks for.
func Query(profile string) credential.Query {
	return credential.Query{Profile: profile, ConfigFile: "/home/a/.aws/config", CredentialsFile: "/home/a/.aws/credentials"}
}

// Code returns the code of err; "" if it has none.
func Code(err error) wire.Code {
	if f, ok := errors.AsType[*credential.Failure](err); ok {
		return f.Code
	}
	return ""
}

// What an issuer fails with.
var (
	ErrDown   = &credential.Failure{Code: wire.Temporary, Reason: "connection refused", Hint: "wait"}
	ErrDenied = &credential.Failure{Code: wire.Denied, Reason: "AccessDenied", Hint: "ask for it"}
)
