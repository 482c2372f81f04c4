package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/process"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	// maxPrinted is the most that a command may print, in bytes: four times the
	// largest token that anybody has to reckon with.
	maxPrinted = 64 << 10
	// endlessSession is how long temporary credentials are kept that came without
	// an end. They have one that nobody told us: AWS issues none that live shorter.
	endlessSession = 15 * time.Minute
)

// program is how another program prints the session of a plan: a
// credential_process that is not ours.
type program struct {
	r       *Resolver
	command awsconfig.Value
	keys    call // GetSessionToken, for a program that prints long-lived keys
}

// printed makes the plan of a profile whose credentials another program prints.
func printed(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	life, err := keyLife(p)
	if err != nil {
		return nil, err
	}
	to, err := b.site(p, awsconfig.Value{}, "aws")
	if err != nil {
		return nil, err
	}
	g := &program{r: b.r, command: by, keys: call{
		r: b.r, to: to, at: p.At(), keyLife: life,
		signer: signer{profile: p.name, owner: "the program of " + by.At()},
		what:   fmt.Sprintf("get session token for the keys that the program of %q printed", p.name),
	}}
	return &credential.Plan{
		ID: g.identity(), Profile: p.name, Source: "another program", Runs: true, Fetch: g.fetch,
	}, nil
}

func (g *program) identity() string {
	h := sha256.New()
	part(h, "understudy plan 1")
	part(h, "program", g.command.Text)
	g.keys.to.part(h)
	part(h, "session", g.keys.keyLife.String())
	return hex.EncodeToString(h.Sum(nil))
}

// fetch runs the program. Long-lived keys are used for a session of their own, as
// those of a profile are: they are neither kept nor handed out.
func (g *program) fetch(ctx context.Context, _ credential.Session) (credential.Session, error) {
	out, err := process.Shell(ctx, g.command.Text, maxPrinted)
	if err != nil {
		return credential.Session{}, commandFailure(g.command, err, maxPrinted)
	}
	got, err := parsePrinted([]byte(out.Reveal()))
	if err != nil {
		return credential.Session{}, wrong(g.command, fmt.Sprintf("printed what cannot be used: %v", err),
			`it has to print {"Version": 1, "AccessKeyId": "...", "SecretAccessKey": "...", "SessionToken": "...", "Expiration": "2006-01-02T15:04:05Z"}`)
	}
	if got.keys.SessionToken.Empty() {
		return g.sessionOf(ctx, got)
	}
	now := g.r.Now()
	if got.expires.IsZero() {
		got.expires = now.Wall.Add(endlessSession)
	}
	s := got.session(now)
	if err := s.Check(now); err != nil {
		return credential.Session{}, &credential.Failure{
			Code:   wire.Temporary,
			Reason: text.Clean(fmt.Sprintf("%s: %s printed credentials that are refused: %v", g.command.At(), g.command.Key, err)),
			Hint:   "run the command by hand and see its Expiration; if it keeps credentials of its own, make it drop them",
		}
	}
	return s, nil
}

// sessionOf gets a session for long-lived keys, which ends no later than they do.
func (g *program) sessionOf(ctx context.Context, got credentials) (credential.Session, error) {
	c := g.keys
	c.signer.keys = got.keys
	s, err := c.fetch(ctx, credential.Session{})
	if err != nil {
		return credential.Session{}, err
	}
	if early := s.Expiration.Sub(got.expires); !got.expires.IsZero() && early > 0 {
		s.Expiration, s.Lifetime = got.expires, s.Lifetime-early
	}
	return s, nil
}
