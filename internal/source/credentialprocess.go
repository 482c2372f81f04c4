package source

import (
	"context"
	"fmt"
	"time"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/process"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	// maxOutput bounds the output of a command, in bytes: four times the largest
	// session token to expect.
	maxOutput = 64 << 10
	// minSession is assumed for temporary credentials without Expiration: the
	// shortest lifetime that AWS issues.
	minSession = 15 * time.Minute
)

// program is a credential_process other than understudy's own. It prints the session
// of a plan.
type program struct {
	command awsconfig.Value
	keys    call // GetSessionToken, if it prints long-lived keys; without a signer
}

// credentialProcess makes the plan of a profile with a credential_process.
func credentialProcess(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	length, err := keySessionDuration(p)
	if err != nil {
		return nil, err
	}
	to, err := b.endpoint(p, awsconfig.Value{}, "aws")
	if err != nil {
		return nil, err
	}
	g := &program{command: by, keys: call{
		r: b.r, to: to, at: p.At(), op: sessionToken{length},
		what: fmt.Sprintf("get session token for the keys that the program of %q printed", p.name),
	}}
	return &credential.Plan{
		ID: g.identity(), Profile: p.name, Source: "another program", Runs: true, Fetch: g.fetch,
	}, nil
}

func (g *program) identity() string {
	h := newIdentity()
	part(h, "program", g.command.Text)
	endpointPart(h, g.keys.to)
	g.keys.op.identity(h)
	return sum(h)
}

// fetch runs the program. If it prints long-lived keys, they sign a session of
// their own, as those of a profile do; they are not stored and not handed out.
func (g *program) fetch(ctx context.Context, _ credential.Session) (credential.Session, error) {
	out, err := process.Shell(ctx, g.command.Text, maxOutput)
	if err != nil {
		return credential.Session{}, commandFailure(g.command, err, maxOutput)
	}
	got, err := parseOutput([]byte(out.Reveal()))
	if err != nil {
		return credential.Session{}, badValue(g.command, fmt.Sprintf("printed what cannot be used: %v", err),
			`it has to print {"Version": 1, "AccessKeyId": "...", "SecretAccessKey": "...", "SessionToken": "...", "Expiration": "2006-01-02T15:04:05Z"}`)
	}
	if !got.Keys.Temporary() {
		return g.sessionOf(ctx, got)
	}
	now := g.keys.r.Now()
	if got.Expires.IsZero() {
		got.Expires = now.Wall.Add(minSession)
	}
	s := got.Session(now)
	if err := s.Check(now); err != nil {
		return credential.Session{}, &credential.Failure{
			Code:   wire.Temporary,
			Reason: text.Clean(fmt.Sprintf("%s: %s printed credentials that are refused: %v", g.command.At(), g.command.Key, err)),
			Hint:   "run the command by hand and see its Expiration; if it keeps credentials of its own, make it drop them",
		}
	}
	return s, nil
}

// sessionOf gets a session of long-lived keys. It does not outlast them.
func (g *program) sessionOf(ctx context.Context, got aws.Credentials) (credential.Session, error) {
	c := g.keys
	c.signer = givenKeys{from: "the program of " + g.command.At(), pair: got.Keys}
	s, err := c.fetch(ctx, credential.Session{})
	if err != nil {
		return credential.Session{}, err
	}
	if early := s.Expiration.Sub(got.Expires); !got.Expires.IsZero() && early > 0 {
		s.Expiration, s.Lifetime = got.Expires, s.Lifetime-early
	}
	return s, nil
}
