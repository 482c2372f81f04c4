// Package source turns a profile into a credential.Plan: how to obtain the
// session it asks for. It reads the configuration only, and calls nobody and
// runs nothing until a plan's Fetch does. No environment variable of a caller
// decides where a request goes.
//
// A source is one function in the table of makers. Each looks at the profile's
// keys and makes a plan or says, with file:line, what is wrong.
package source

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/identitycenter"
	"understudy/internal/prompt"
)

// EnvCABundle names the environment variable with the CA bundle for profiles
// that name none. It is not AWS_CA_BUNDLE, because the daemon's environment is
// scrubbed of AWS_*; whoever starts the daemon hands that one over under this
// name.
const EnvCABundle = "UNDERSTUDY_CA_BUNDLE"

// Resolver makes plans. Read is the one field that must be set; none may
// change once Resolve has been called. It is safe for concurrent use.
type Resolver struct {
	// Read reads a pair of files; awsconfig.Reader.Read. With both a Config and
	// an error, the Config is the last good one and the error says why the files
	// as they stand were refused.
	Read func(context.Context, awsconfig.Files) (*awsconfig.Config, error)

	// EndpointURL is where STS is asked for profiles that name no endpoint, from
	// the daemon's settings; empty means AWS's own regional endpoint.
	EndpointURL string
	// CABundle is the path of the PEM file that replaces the system's roots for
	// profiles that name none; empty means what EnvCABundle names, if anything.
	CABundle string
	// Ask asks a person, or what stands in for her: prompt.Desk.Ask. nil means
	// that nobody can be asked.
	Ask func(context.Context, prompt.Question) (prompt.Answer, error)
	// TOTP is the code that a device of this serial number shows now, from its
	// seed in the keychain; nil means that no seeds are kept.
	TOTP func(ctx context.Context, serial string) (prompt.Answer, error)
	// Container is where the credentials of the container come from; its zero
	// value says that there are none.
	Container Container
	// SignIns gets sessions of IAM Identity Center; nil means one that keeps
	// nothing.
	SignIns *identitycenter.Center
	// Kept are the long-lived keys in the keychain; nil means that none are kept.
	Kept *Kept
	// SessionName is for profiles that name none; empty means user@host.
	SessionName string
	// Version goes into the User-Agent; empty means "devel".
	Version string

	// Proxy chooses the proxy of a request; nil means http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
	// Now reads the clocks; nil means credential.Now.
	Now func() credential.Moment
	// OnSkew is told, after every answer that came from STS, how far STS's clock
	// is ahead of this machine's wall clock, to the second; nil means nobody is.
	// It is called on the goroutine of the Fetch and may be called concurrently.
	OnSkew func(time.Duration)
	// Log gets what people should know and no call returns; nil means discard.
	Log *slog.Logger

	ownSignIns  *identitycenter.Center // where nobody gave any
	defaultName func() string          // user@host, read once
	once        sync.Once
	plans       plans
	clients     clients
	near        near
	said        said
	shortened   shortened
}

// Resolve makes the plan for what q asks. A plan is made from one reading of
// the configuration and does not change: when a key in the file is rotated the
// next Resolve makes another plan, with another ID. Errors are, or wrap,
// *credential.Failure, but for credential.ErrWantsEnvironment.
//
// Asked again for a profile of an unchanged configuration it returns the same
// *Plan. While the files are broken it makes plans from their last good content
// and logs once why; only a profile that is not in that gets the error.
func (r *Resolver) Resolve(ctx context.Context, q credential.Query) (*credential.Plan, error) {
	r.once.Do(r.init)
	files := awsconfig.Files{Config: q.ConfigFile, Credentials: q.CredentialsFile}
	drops := r.plans.dropped()
	what := asked{q.Profile, q.Environment}
	cfg, p, refused := r.read(ctx, files, what)
	if cfg == nil {
		return nil, credential.AsFailure(refused)
	}
	if refused != nil && ctx.Err() == nil {
		r.said.once(refused.Error(), func() {
			r.Log.Warn("configuration refused; its last good content is used", "error", refused)
		})
	}
	if p != nil {
		return p, nil
	}
	if _, ok := cfg.Profile(q.Profile); !ok {
		if refused != nil {
			return nil, refused
		}
		return nil, cfg.Explain(q.Profile)
	}
	b := &builder{r: r, cfg: cfg, env: q.Environment}
	p, err := b.plan(q.Profile)
	if err != nil {
		return nil, err
	}
	r.plans.put(files, cfg, what, p, b.read, drops)
	return p, nil
}

// Forget lets go of every plan it keeps: with them the text of the files and the
// long-lived keys in it. Whoever holds a plan holds its keys.
func (r *Resolver) Forget() { r.plans.drop() }

// Close closes the idle connections. Plans made before go on working.
func (r *Resolver) Close() {
	r.clients.close()
	r.near.close()
	if r.ownSignIns != nil {
		r.ownSignIns.Close(context.Background()) // it has nothing to write
	}
}

func (r *Resolver) init() {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.Now == nil {
		r.Now = credential.Now
	}
	if r.Proxy == nil {
		r.Proxy = http.ProxyFromEnvironment
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
	if r.OnSkew == nil {
		r.OnSkew = func(time.Duration) {}
	}
	if r.Version == "" {
		r.Version = "devel"
	}
	r.defaultName = sync.OnceValue(userAtHost)
}
