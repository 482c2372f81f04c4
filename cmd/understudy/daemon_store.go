package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"understudy/cache"
	"understudy/internal/keychain"
	"understudy/internal/settings"
)

// store is the keychain, or the lack of one, with the words for it.
type store struct {
	mode settings.Store
	k    *keychain.Keychain // nil: memory by choice
}

func openStore(mode settings.Store, log *slog.Logger) (*store, func()) {
	if mode == settings.StoreMemory {
		return &store{mode: mode}, func() {}
	}
	k := keychain.New(keychain.Config{Command: []string{selfPath(), "keychain-worker"}, Log: log})
	return &store{mode: mode, k: k}, func() {
		ctx, cancel := context.WithTimeout(context.Background(), workerLimit)
		defer cancel()
		k.Close(ctx)
	}
}

// behind is what the cache keeps sessions in.
func (s *store) behind() cache.Store {
	if s.k == nil {
		return nil // and not a nil *Keychain in an interface
	}
	return s.k
}

// describe asks the keychain how it is.
func (s *store) describe() (kind, reason string) {
	if s.k == nil {
		return "memory", "the settings say so"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	switch st := s.k.Probe(ctx); {
	case st.Available:
		return "keychain", st.Reason
	case s.mode == settings.StoreKeychain:
		return "keychain", fmt.Sprintf("sessions are in memory only meanwhile: %s", st.Reason)
	default:
		return "memory", st.Reason
	}
}
