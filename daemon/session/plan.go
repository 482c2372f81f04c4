package session

import (
	"context"
	"errors"

	"understudy/internal/credential"
)

// plan resolves q. If the profile uses the caller's own credentials, it asks the
// caller for them and adds them to q.
func (b *Broker) plan(ctx context.Context, q *credential.Query, w Want) (*credential.Plan, error) {
	p, err := b.cfg.Resolve(ctx, *q)
	if w.Asker == nil || !errors.Is(err, credential.ErrWantsEnvironment) {
		return p, err
	}
	env, err := w.Asker.Environment(ctx)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	q.Environment = b.environments.intern(env)
	b.mu.Unlock()
	return b.cfg.Resolve(ctx, *q)
}
