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
// left to end: what it brings was asked for after all.
func (s *Server) Forget(ctx context.Context, profile string, all bool) (int, error) {
	var ids []string
	s.mu.Lock()
	for id, e := range s.entries {
		if (all || slices.Contains(e.record.Profiles, profile)) && e.flight == nil {
			ids = append(ids, id)
			delete(s.entries, id)
		}
	}
	s.mu.Unlock()
	if len(ids) == 0 && !all {
		return 0, &credential.Failure{Code: wire.UnknownProfile,
			Reason: fmt.Sprintf("there is no session of profile %q to forget", profile),
			Hint:   "to see what there is, run: understudy status"}
	}
	ctx, cancel := context.WithTimeout(ctx, forgetLimit)
	defer cancel()
	var errs []error
	for _, id := range ids {
		if err := s.cfg.Cache.Forget(ctx, id); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return len(ids), &credential.Failure{Code: wire.Temporary,
			Reason: fmt.Sprintf("forgotten in memory, but %d of %d may still be in the keychain: %v", len(errs), len(ids), errs[0]),
			Hint:   "the daemon removes them when the keychain answers again; understudy status says how it is"}
	}
	return len(ids), nil
}

// forgetLimit is less than the client's patience.
const forgetLimit = wire.ReadTimeout * 4 / 5
