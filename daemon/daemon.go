package daemon

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"understudy/cache"
	"understudy/daemon/policy"
	"understudy/daemon/session"
	"understudy/internal/credential"
	"understudy/internal/identitycenter"
	"understudy/internal/prompt"
	"understudy/internal/settings"
	"understudy/internal/source"
	"understudy/internal/status"
)

// daemon is a running daemon and its parts, in the order in which they are made.
type daemon struct {
	options  Options
	settings settings.Settings
	state    string // the state folder; "" if there is none
	log      *slog.Logger
	parts    parts
	began    time.Time

	starts   starts
	memory   *memory
	store    *store
	sessions *cache.Cache
	access   *policy.AccessLog // nil without a state folder
	config   configFiles
	desk     *prompt.Desk
	signIns  *identitycenter.Center
	resolver *source.Resolver
	broker   *session.Broker

	mu   sync.Mutex
	skew time.Duration // STS's clock minus this machine's
}

// resolve is session.Config.Resolve. Every request for a session and every renewal
// calls it.
func (d *daemon) resolve(ctx context.Context, q credential.Query) (*credential.Plan, error) {
	d.memory.used()
	return d.resolver.Resolve(ctx, q)
}

// dropSecrets forgets every secret in memory; the keychain keeps them.
func (d *daemon) dropSecrets() {
	d.broker.DropSecrets()
	d.config.reader.Forget() // the files' text holds long-lived keys
	d.resolver.Forget()
	d.signIns.Forget()
	d.log.Info("dropped all secrets from memory")
}

// reload reads the settings again.
func (d *daemon) reload() {
	set, err := settings.Load()
	if err != nil {
		d.log.Warn("the settings stay as they were", "reason", err.Error())
		return
	}
	d.broker.SetKeepWarm(set.KeepWarm)
	d.log.Info("read the settings again; store, idle_exit, prompt and sts_endpoint_url wait for a restart")
}

// status returns the report that `understudy status` prints. It flushes the access log
// first, since its caller may read that next.
func (d *daemon) status() status.Report {
	if d.access != nil {
		d.access.Flush()
	}
	kind, reason := d.store.describe()
	d.mu.Lock()
	skew := d.skew
	d.mu.Unlock()
	return status.Report{
		Daemon: status.Daemon{
			PID: os.Getpid(), Version: d.options.Version, Store: kind, StoreReason: reason,
			StartedAt: status.Time{Time: d.began}, ClockSkewS: int(skew / time.Second),
		},
		Sessions: d.broker.Status(),
	}
}

// reportSkew is the least clock skew that is logged.
const reportSkew = time.Minute

// noteSkew records how far STS's clock is ahead of this machine's.
func (d *daemon) noteSkew(skew time.Duration) {
	d.mu.Lock()
	before := d.skew
	d.skew = skew
	d.mu.Unlock()
	if skew.Abs() > reportSkew && before.Abs() <= reportSkew {
		d.log.Warn("this machine's clock is off", "skew", skew.Round(time.Second).String())
	}
}
