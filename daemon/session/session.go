package session

import (
	"context"
	"log/slog"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
)

const defaultKeepWarm = 2 * time.Hour

// New returns a Broker that knows the sessions that the cache has stored. Close it
// when done.
func New(cfg Config) *Broker {
	if cfg.Now == nil {
		cfg.Now = credential.Now
	}
	if cfg.Desk == nil {
		cfg.Desk = prompt.NewDesk(prompt.Config{Mode: prompt.None})
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	b := &Broker{
		cfg:      cfg,
		wake:     make(chan struct{}, 1),
		slots:    make(chan struct{}, maxRenewals),
		entries:  make(map[string]*entry),
		breakers: make(map[string]*breaker),
	}
	b.base = b.baseSession
	b.SetKeepWarm(cfg.KeepWarm)
	b.life, b.stop = context.WithCancelCause(context.Background())
	for _, r := range cfg.Cache.Records() {
		if r.Stored { // else it was in memory only, and is lost
			b.entries[r.ID] = restored(r)
		}
	}
	cfg.Cache.Pull(b.records)
	b.goroutines.Go(b.renewLoop)
	return b
}

// SetKeepWarm changes Config.KeepWarm while the broker runs.
func (b *Broker) SetKeepWarm(d time.Duration) {
	if d <= 0 {
		d = defaultKeepWarm
	}
	b.mu.Lock()
	b.keepWarm = d
	b.mu.Unlock()
	b.wakeRenewals()
}

// Stop ends every fetch. Waiting callers get the error that the daemon is stopping.
func (b *Broker) Stop() { b.stop(errStopping) }

// Close stops the broker and waits for its goroutines, but only for a second: one of
// them may hang in a file system. The records stay, for the cache to write.
func (b *Broker) Close() {
	b.Stop()
	ended := make(chan struct{})
	go func() { b.goroutines.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Second):
		b.cfg.Log.Warn("a fetch does not end; leaving without it")
	}
}

// DropSecrets forgets every session in memory; the store keeps them.
func (b *Broker) DropSecrets() {
	b.mu.Lock()
	for _, e := range b.entries {
		where := e.holding
		if where == held {
			where = unread
		}
		e.drop(where)
		e.plan = nil
		e.requesters.forgetSecrets()
		e.record.Query.Environment = nil
	}
	b.environments = environments{}
	b.cfg.Cache.Purge()
	b.mu.Unlock()
}
