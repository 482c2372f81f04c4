package identitycenter

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// keeper writes to the store, off the path of every request: the latest of each
// item, one at a time, until it is done. A nil keeper takes everything and does
// nothing.
//
// No keychain lists what is in it, so one more item does: what is not known to
// this process can be removed too.
type keeper struct {
	store Store
	log   *slog.Logger
	wake  chan struct{}

	mu      sync.Mutex
	pending map[string]credential.Secret // by key
	clear   bool                         // everything there was before is to go

	listed map[string]bool // known to be in the list; of run and flush alone
}

const (
	listKey    = keyPrefix + "all"
	storeLimit = 3 * time.Second // a call's
)

func newKeeper(s Store, log *slog.Logger) *keeper {
	return &keeper{store: s, log: log, wake: make(chan struct{}, 1), pending: make(map[string]credential.Secret), listed: make(map[string]bool)}
}

func (k *keeper) put(key string, value credential.Secret) {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.pending[key] = value
	k.mu.Unlock()
	k.nudge()
}

// drop forgets what is to be written.
func (k *keeper) drop() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.pending)
}

// removeAll has every item removed, and forgets what was to be written.
func (k *keeper) removeAll() {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.clear = true
	clear(k.pending)
	k.mu.Unlock()
	k.nudge()
}

func (k *keeper) nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// run writes until ctx ends. A store that is sick is tried again after 1, 2, 4
// .. 60 s.
func (k *keeper) run(ctx context.Context) {
	var wait time.Duration
	var again <-chan time.Time // nil while the store is well
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-k.wake:
			if again != nil { // what is new does not cure it
				continue
			}
		}
		err := k.pass(ctx)
		if err == nil {
			wait, again = 0, nil
			continue
		}
		if wait == 0 && ctx.Err() == nil {
			k.log.Warn("a sign-in is not yet kept", "reason", err.Error())
		}
		wait = min(max(2*wait, time.Second), time.Minute)
		again = time.After(wait)
	}
}

// flush tries once more what is left; nobody else may be writing.
func (k *keeper) flush(ctx context.Context) error {
	if k == nil {
		return nil
	}
	return k.pass(ctx)
}

// pass does all there is to do, and returns the first thing that went wrong.
func (k *keeper) pass(ctx context.Context) error {
	k.mu.Lock()
	sweep := k.clear
	k.mu.Unlock()
	if sweep {
		if err := k.sweep(ctx); err != nil {
			return err
		}
		k.mu.Lock()
		k.clear = false
		k.mu.Unlock()
	}
	for {
		key, value, ok := k.next()
		if !ok {
			return nil
		}
		if err := k.write(ctx, key, value); err != nil {
			return err
		}
		k.mu.Lock()
		if now, ok := k.pending[key]; ok && now.Equal(value) {
			delete(k.pending, key)
		}
		k.mu.Unlock()
	}
}

func (k *keeper) next() (key string, value credential.Secret, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for key, value := range k.pending {
		return key, value, true
	}
	return "", credential.Secret{}, false
}

func (k *keeper) write(ctx context.Context, key string, value credential.Secret) error {
	ctx, cancel := context.WithTimeout(ctx, 2*storeLimit)
	defer cancel()
	if !k.listed[key] {
		have, err := k.list(ctx)
		if err != nil {
			return err
		}
		if !slices.Contains(have, key) {
			if err := k.store.Set(ctx, listKey, credential.NewSecret(strings.Join(append(have, key), "\n"))); err != nil {
				return err
			}
		}
		k.listed[key] = true
	}
	return k.store.Set(ctx, key, value)
}

// list is the keys of the items that were ever written.
func (k *keeper) list(ctx context.Context) ([]string, error) {
	v, ok, err := k.store.Get(ctx, listKey)
	if errors.Is(err, keychain.ErrTorn) {
		return nil, nil
	}
	if err != nil || !ok {
		return nil, err
	}
	return strings.Fields(v.Reveal()), nil
}

// sweep removes every item, the list last.
func (k *keeper) sweep(ctx context.Context) error {
	keys, err := k.list(ctx)
	if err != nil {
		return err
	}
	for _, key := range append(keys, listKey) {
		if err := k.store.Delete(ctx, key); err != nil {
			return err
		}
	}
	clear(k.listed)
	return nil
}
