package daemon

import (
	"context"
	"fmt"
	"slices"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Forget drops the sessions that were served as profile, or all there are, from
// memory and the store, and returns how many it dropped. A fetch under way is
// left to end: what it brings is new.
func (s *Server) Forget(ctx context.Context, profile string, all bool) (int, error) {
	if all && s.cfg.ForgetAll != nil {
		s.cfg.ForgetAll()
	}
	dropped, stored := 0, 0
	s.mu.Lock()
	for id, e := range s.entries {
		if !all && !slices.Contains(e.record.Profiles, profile) {
			continue
		}
		dropped++
		if s.cfg.Cache.Stored(id) {
			stored++
		}
		e.drop()
		e.loaded = true // and not to be had from the store again
		s.cfg.Cache.Discard(id)
		if e.flight == nil {
			delete(s.entries, id)
		}
	}
	s.mu.Unlock()
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
	if err := s.cfg.Cache.Flush(ctx); err != nil {
		return dropped, &credential.Failure{Code: wire.Temporary,
			Reason: fmt.Sprintf("forgotten in memory, but not yet where sessions are kept: %v", err),
			Hint:   "the daemon goes on trying; understudy status says how the keychain is"}
	}
	return dropped, nil
}

// forgetLimit is less than the client's patience.
const forgetLimit = wire.ReadTimeout * 4 / 5
