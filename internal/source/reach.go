package source

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// Reached is how an STS was found.
type Reached struct {
	Host string
	Skew time.Duration // its clock less this machine's, to the second
	Err  error         // why it told no time; nil when it did
}

// reachLimit bounds how many STSs are asked: they are asked at once.
const reachLimit = 8

// Reach asks the STSs of these profiles what time it is, each of them once and
// at most 8. Nothing is signed and nothing of the configuration is sent. A
// profile that no plan can be made for is left out.
func (r *Resolver) Reach(ctx context.Context, queries []credential.Query) []Reached {
	r.once.Do(r.init)
	var sites []site
	for _, q := range queries {
		to, ok := r.siteOf(ctx, q)
		if ok && !slices.ContainsFunc(sites, func(s site) bool { return s.host == to.host }) && len(sites) < reachLimit {
			sites = append(sites, to)
		}
	}
	found := make([]Reached, len(sites))
	var all sync.WaitGroup
	for i, to := range sites {
		all.Go(func() { found[i] = r.reach(ctx, to) })
	}
	all.Wait()
	return found
}

func (r *Resolver) siteOf(ctx context.Context, q credential.Query) (site, bool) {
	cfg, _ := r.Read(ctx, awsconfig.Files{Config: q.ConfigFile, Credentials: q.CredentialsFile})
	if cfg == nil {
		return site{}, false
	}
	if _, ok := cfg.Profile(q.Profile); !ok {
		return site{}, false
	}
	b := &builder{r: r, cfg: cfg, env: q.Environment}
	if _, err := b.plan(q.Profile); err != nil || len(b.asks) == 0 {
		return site{}, false
	}
	return b.asks[len(b.asks)-1], true
}

func (r *Resolver) reach(ctx context.Context, to site) Reached {
	w, err := r.clients.way(r, to.bundle)
	if err != nil {
		return Reached{Host: to.host, Err: badBundle(err)}
	}
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	seen := &answer{host: to.host, now: r.Now}
	c := &call{r: r, to: to, what: "ask STS for the time"}
	req, err := http.NewRequestWithContext(withAnswer(within, seen), http.MethodGet, to.resolved, nil)
	if err != nil {
		return Reached{Host: to.host, Err: c.temporary(seen, "no request can be made for "+to.host, hintPortal)}
	}
	resp, err := httpClient(w.transport).Do(req)
	if err != nil {
		return Reached{Host: to.host, Err: c.unreached(ctx, within, err, seen)}
	}
	io.Copy(io.Discard, resp.Body) // so that the connection serves the next
	resp.Body.Close()
	skew, ok := seen.skew()
	if !ok {
		return Reached{Host: to.host, Err: &credential.Failure{
			Code: wire.Temporary, Reason: text.Clean("ask STS for the time: " + to.host + " does not say what time it is"), Hint: hintPortal,
		}}
	}
	return Reached{Host: to.host, Skew: skew}
}
