package identitycenter

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/writebehind"
)

// keeper stores sign-ins in the background: the latest of each portal. A nil keeper
// stores nothing.
type keeper struct {
	items keychain.Collection
	loop  *writebehind.Loop
	stop  func() // ends the loop and waits for it

	mu      sync.Mutex
	pending map[string]credential.Secret // by the name of the item
	clear   bool                         // every stored sign-in has to be removed first

	listed map[string]bool // names that the list is known to have; used by pass only
}

const storeLimit = 3 * time.Second // for one call

// signIns returns the collection of sign-ins in store.
func signIns(store keychain.Store) keychain.Collection {
	return keychain.Collection{Store: store, Kind: "sso:all", Prefix: "sso:"}
}

func newKeeper(store keychain.Store, log *slog.Logger) *keeper {
	k := &keeper{items: signIns(store), pending: make(map[string]credential.Secret), listed: make(map[string]bool)}
	k.loop = writebehind.New(writebehind.Config{Name: "sign-ins: the store", Pass: k.pass, Log: log})
	life, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { k.loop.Run(life) })
	k.stop = func() { end(); running.Wait() }
	return k
}

// close writes what is pending as far as ctx allows.
func (k *keeper) close(ctx context.Context) error {
	if k == nil {
		return nil
	}
	err := k.loop.Flush(ctx)
	k.stop()
	return err
}

func (k *keeper) put(name string, value credential.Secret) {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.pending[name] = value
	k.mu.Unlock()
	k.loop.Changed()
}

// drop forgets what is pending.
func (k *keeper) drop() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.pending)
}

// removeAll removes every stored sign-in, and forgets what is pending.
func (k *keeper) removeAll() {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.clear = true
	clear(k.pending)
	k.mu.Unlock()
	k.loop.Changed()
}

// pass does everything that is pending, and returns the first error.
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
		name, value, ok := k.next()
		if !ok {
			return nil
		}
		if err := k.write(ctx, name, value); err != nil {
			return err
		}
		k.mu.Lock()
		if now, ok := k.pending[name]; ok && now.Equal(value) {
			delete(k.pending, name)
		}
		k.mu.Unlock()
	}
}

func (k *keeper) next() (name string, value credential.Secret, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, value := range k.pending {
		return name, value, true
	}
	return "", credential.Secret{}, false
}

func (k *keeper) write(ctx context.Context, name string, value credential.Secret) error {
	ctx, cancel := context.WithTimeout(ctx, 2*storeLimit)
	defer cancel()
	if k.listed[name] { // each renewal comes here, and a call may take long
		return k.items.Store.Set(ctx, k.items.Key(name), value)
	}
	if err := k.items.Put(ctx, name, value); err != nil {
		return err
	}
	k.listed[name] = true
	return nil
}

// sweep removes every stored sign-in, also those that this process has not used, and
// then their list.
func (k *keeper) sweep(ctx context.Context) error {
	names, err := k.items.Names(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := k.items.Store.Delete(ctx, k.items.Key(name)); err != nil {
			return err
		}
	}
	clear(k.listed)
	return k.items.Store.Delete(ctx, k.items.Kind)
}
