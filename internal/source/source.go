// Package source turns a profile into a credential.Plan, which says how to get the
// session that the profile asks for. Making a plan only reads the configuration; the
// plan's Fetch makes requests, through package aws, and runs commands. No environment
// variable of a caller decides where a request goes.
//
// To add a source, write one file and one row:
//
//   - A file with a function of the type of maker.plan. It reads the profile's keys
//     and makes a Plan, or returns the Failure of a value with file:line. If STS
//     gives the session, fill in a call and return its plan: the signer says how the
//     call is authenticated, and a new way is a new type of signer in that file. If
//     not, make the Plan with an ID from newIdentity and a Fetch.
//   - A row in the table of makers, with the keys that select it and those that
//     only it reads. The order of the rows is the order of precedence.
//
// Add a profile with the source to the test of plan IDs. Its ID must not change later.
package source

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/identitycenter"
	"understudy/internal/prompt"
)

// Resolver makes plans. Read is the only required field. No field may change
// after the first call of a method. It is safe for concurrent use.
type Resolver struct {
	// Read reads a pair of files: awsconfig.Reader.Read. If it returns a Config and
	// an error, the Config is the last good one, and the error says why the files as
	// they are now were rejected.
	Read func(context.Context, awsconfig.Files) (*awsconfig.Config, error)

	// EndpointURL is the URL of STS for profiles that name none, from the daemon's
	// settings; empty means AWS's own regional endpoint.
	EndpointURL string
	// CABundle is the path of the PEM file that replaces the system's roots for
	// profiles that name none; empty means the value of EnvCABundle, which may be
	// empty too.
	CABundle string
	// Ask asks the user, or gets the answer automatically: prompt.Desk.Ask. nil
	// means that the user cannot be asked.
	Ask func(context.Context, prompt.Question) (prompt.Answer, error)
	// TOTP returns the current code of the MFA device with this serial number, from
	// its seed in the keychain; nil means that seeds are not stored.
	TOTP func(ctx context.Context, serial string) (prompt.Answer, error)
	// Container is where the container's credentials are served; its zero value
	// means that it has none.
	Container Container
	// SignIns gets sessions of IAM Identity Center; nil means one that stores no
	// sign-in.
	SignIns *identitycenter.Center
	// Kept are the long-lived keys in the keychain; nil means that keys are not
	// stored.
	Kept *Kept
	// SessionName is the session name of roles whose profile names none; empty means
	// user@host.
	SessionName string

	// Version, Proxy, Now and OnSkew are those of aws.Config.
	Version string
	Proxy   aws.Proxy
	Now     func() credential.Moment
	OnSkew  func(time.Duration)
	// Log gets warnings that no method returns; nil means discard.
	Log *slog.Logger

	ownSignIns  *identitycenter.Center // if SignIns was nil
	defaultName func() string          // user@host, read once
	once        sync.Once
	aws         *aws.Clients
	plans       plans
	logOnce     logOnce
	shortRoles  shortRoles
}

// Resolve makes the plan for q. A plan is made from one reading of the
// configuration and does not change: if a key in the file is rotated, the next
// Resolve makes another plan, with another ID. Errors are, or wrap,
// *credential.Failure, except for credential.ErrWantsEnvironment.
//
// For a profile of an unchanged configuration it returns the same *Plan again. If
// the files are invalid, it makes plans from their last good content, and logs the
// reason once. Only a profile that is missing there gets the error.
func (r *Resolver) Resolve(ctx context.Context, q credential.Query) (*credential.Plan, error) {
	r.once.Do(r.init)
	files := awsconfig.Files{Config: q.ConfigFile, Credentials: q.CredentialsFile}
	drops := r.plans.dropped()
	key := planKey{q.Profile, q.Environment}
	cfg, p, rejected := r.read(ctx, files, key)
	if cfg == nil {
		return nil, credential.AsFailure(rejected)
	}
	if rejected != nil && ctx.Err() == nil {
		r.logOnce.do(rejected.Error(), func() {
			r.Log.Warn("configuration refused; its last good content is used", "error", rejected)
		})
	}
	if p != nil {
		return p, nil
	}
	if _, ok := cfg.Profile(q.Profile); !ok {
		if rejected != nil {
			return nil, rejected
		}
		return nil, cfg.Explain(q.Profile)
	}
	b := &builder{r: r, cfg: cfg, env: q.Environment}
	p, err := b.plan(q.Profile)
	if err != nil {
		return nil, err
	}
	r.plans.put(files, cfg, key, p, b.read, drops)
	return p, nil
}

// Forget removes every cached plan, and with them the text of the files and the
// long-lived keys in it. A plan that the caller still uses keeps its keys.
func (r *Resolver) Forget() { r.plans.drop() }

// Close closes the idle connections. Plans made before still work.
func (r *Resolver) Close() {
	r.once.Do(r.init)
	r.aws.Close()
	if r.ownSignIns != nil {
		r.ownSignIns.Close(context.Background()) // it has nothing to store
	}
}

func (r *Resolver) init() {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.Now == nil {
		r.Now = credential.Now
	}
	if r.Ask == nil {
		r.Ask = func(context.Context, prompt.Question) (prompt.Answer, error) {
			return prompt.Answer{}, prompt.ErrNobody
		}
	}
	if r.SignIns == nil {
		r.ownSignIns = identitycenter.New(identitycenter.Config{Ask: r.Ask, Now: r.Now, Log: r.Log})
		r.SignIns = r.ownSignIns
	}
	r.aws = aws.New(aws.Config{Proxy: r.Proxy, Now: r.Now, OnSkew: r.OnSkew, Version: r.Version})
	r.defaultName = sync.OnceValue(userAtHost)
}
