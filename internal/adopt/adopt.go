// Package adopt moves profiles into understudy and out again, by changing lines
// of the two configuration files.
//
// Moved in, a profile names the helper in credential_process, and the keys that
// an SDK would act on beside it carry our prefix. Moving out takes that line out
// and the prefix off. For every profile that was not moved in before, moving in
// and out gives back the same bytes: what the file alone would not tell, such as
// a prefixed key that was there before, is remembered in a key of the profile
// itself, understudy_adopted. A key that cannot carry the prefix, because the
// prefixed one is there and says something else, is switched off as
// understudy_was_KEY.
//
// It reads and writes no file.
package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// Files are the two files: where they are and what they say.
type Files struct {
	awsconfig.Files
	ConfigText, CredentialsText string // hold secrets
}

// Format keeps the texts out of anything printed.
func (f Files) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%s and %s", f.Config, f.Credentials) }

// MarshalJSON refuses: what the files say is written into them, and nowhere else.
func (f Files) MarshalJSON() ([]byte, error) { return nil, errHeld }

var errHeld = errors.New("the files hold secrets")

// Parse reads them.
func (f Files) Parse() *awsconfig.Config {
	return awsconfig.Parse(f.Files, f.ConfigText, f.CredentialsText)
}

// Mover moves profiles in.
type Mover struct {
	// Resolve says how the session of a profile would be obtained, by which it is
	// known that a profile asks for the same before and after.
	Resolve func(context.Context, *awsconfig.Config, string) (*credential.Plan, error)
	// Helper is the absolute path of understudy-credentials.
	Helper string
}

// Change is what is to become of the two files.
type Change struct {
	Config, Credentials *awsconfig.Draft
	Profiles            []Outcome // of those asked for, in their order, each once
}

// Texts are the files as they are to be.
func (c *Change) Texts() (config, credentials string) { return c.Config.Text(), c.Credentials.Text() }

// Outcome is what becomes of one profile.
type Outcome struct {
	Profile string
	State   State
	// Why is the reason that it is left as it is, nil for the other states.
	Why *credential.Failure
	// Notes are lines for people: what was made of another tool's keys.
	Notes []string
	// Serves is the profile that the helper is asked for, where it is another.
	Serves string
}

// State is what becomes of a profile.
type State uint8

const (
	Left    State = iota // as it is, and Why
	Moved                // in or out
	Already              // as it was asked to be
)

// Adopt moves profiles in. Each is moved whole or left as it is.
func (m *Mover) Adopt(ctx context.Context, f Files, names []string) *Change {
	drafts, names := begin(f), once(names)
	outcomes := make([]Outcome, len(names))
	var intents []*intent
	for i, name := range names {
		in := m.intend(f, drafts, name)
		outcomes[i] = in.outcome
		if in.outcome.State == Moved {
			in.place = i
			if in.base != nil { // before it, to be known as left in time
				in.base.place = -1
				intents = append(intents, in.base)
			}
			intents = append(intents, in)
		}
	}
	drafts = m.settle(ctx, f, intents)
	for _, in := range intents {
		if in.place >= 0 {
			outcomes[in.place] = in.outcome
		}
	}
	return &Change{Config: drafts[0], Credentials: drafts[1], Profiles: outcomes}
}

// Release moves profiles out, each whole or not at all.
func Release(f Files, names []string) *Change {
	drafts, names := begin(f), once(names)
	outcomes := make([]Outcome, len(names))
	for i, name := range names {
		outcomes[i] = release(f, drafts, name)
	}
	return &Change{Config: drafts[0], Credentials: drafts[1], Profiles: outcomes}
}

// once is names without those that stand there before: lines that came twice
// would make some SDK refuse the file.
func once(names []string) (all []string) {
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
