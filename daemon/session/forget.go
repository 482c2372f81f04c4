package session

import (
	"context"
	"fmt"
	"slices"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// forgetLimit is shorter than a client waits.
const forgetLimit = wire.ReadTimeout * 4 / 5

// Forget drops the sessions that were served for profile, or all, from memory and
// from the store, and returns how many it dropped. A fetch in progress continues:
// its session is a new one.
func (b *Broker) Forget(ctx context.Context, profile string, all bool) (int, error) {
	if all && b.cfg.Forgotten != nil {
		b.cfg.Forgotten()
	}
	dropped, stored := b.forget(profile, all)
	if dropped == 0 && !all {
		return 0, &credential.Failure{Code: wire.UnknownProfile,
			Reason: fmt.Sprintf("there is no session of profile %q to forget", profile),
			Hint:   "to see what there is, run: understudy status"}
	}
	if stored == 0 {
		return dropped, nil
	}
	ctx, cancel := context.WithTimeout(ctx, forgetLimit)
	defer cancel()
	if err := b.cfg.Cache.Flush(ctx); err != nil {
		return dropped, &credential.Failure{Code: wire.Temporary,
			Reason: fmt.Sprintf("forgotten in memory, but not yet where sessions are kept: %v", err),
			Hint:   "the daemon goes on trying; understudy status says how the keychain is"}
	}
	return dropped, nil
}

func (b *Broker) forget(profile string, all bool) (dropped, stored int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, e := range b.entries {
		if !all && !slices.Contains(e.record.Profiles, profile) {
			continue
		}
		dropped++
		if b.cfg.Cache.Stored(id) {
			stored++
		}
		e.drop(none)
		if e.flight == nil {
			b.dropLocked(e)
		} else {
			b.cfg.Cache.Delete(id)
		}
	}
	return dropped, stored
}
