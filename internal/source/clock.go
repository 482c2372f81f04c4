package source

import (
	"context"
	"slices"
	"sync"
	"time"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// Clock is the result of asking one STS for its time.
type Clock struct {
	Host string
	Skew time.Duration // its clock minus this machine's, to the second
	Err  error         // why Skew is not known; nil if it is
}

// reachLimit bounds how many STSs are asked. All are asked at once.
const reachLimit = 8

// Reach asks the STSs of these profiles for the time: each once, and 8 at most.
// The requests are not signed, and nothing of the configuration is sent. Profiles
// that no plan can be made for are skipped.
func (r *Resolver) Reach(ctx context.Context, queries []credential.Query) []Clock {
	r.once.Do(r.init)
	var all []aws.Endpoint
	for _, q := range queries {
		e, ok := r.stsOf(ctx, q)
		if ok && !slices.ContainsFunc(all, func(other aws.Endpoint) bool { return other.Host == e.Host }) && len(all) < reachLimit {
			all = append(all, e)
		}
	}
	found := make([]Clock, len(all))
	var wait sync.WaitGroup
	for i, e := range all {
		wait.Go(func() { found[i] = r.reach(ctx, e) })
	}
	wait.Wait()
	return found
}

// stsOf returns the STS of a profile; ok is false if it has none.
func (r *Resolver) stsOf(ctx context.Context, q credential.Query) (e aws.Endpoint, ok bool) {
	cfg, _ := r.Read(ctx, awsconfig.Files{Config: q.ConfigFile, Credentials: q.CredentialsFile})
	if cfg == nil {
		return e, false
	}
	if _, ok := cfg.Profile(q.Profile); !ok {
		return e, false
	}
	b := &builder{r: r, cfg: cfg, env: q.Environment}
	if _, err := b.plan(q.Profile); err != nil || len(b.sts) == 0 {
		return e, false
	}
	return b.sts[len(b.sts)-1], true
}

func (r *Resolver) reach(ctx context.Context, e aws.Endpoint) Clock {
	sts, err := r.aws.STS(e)
	if err != nil {
		return Clock{Host: e.Host, Err: err}
	}
	skew, err := sts.Skew(ctx)
	return Clock{Host: e.Host, Skew: skew, Err: err}
}
