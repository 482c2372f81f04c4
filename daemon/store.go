package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"understudy/internal/keychain"
	"understudy/internal/settings"
)

// store is the keychain, if the settings use it.
type store struct {
	mode settings.Store
	k    *keychain.Keychain // nil if the settings say memory
}

func openStore(mode settings.Store, log *slog.Logger, parts *parts) *store {
	if mode == settings.StoreMemory {
		return &store{mode: mode}
	}
	k := keychain.New(keychain.Config{Log: log})
	parts.add(k.Close)
	return &store{mode: mode, k: k}
}

// secrets returns the store of sessions and sign-ins; nil means memory only.
func (s *store) secrets() keychain.Store {
	if s.k == nil {
		return nil // not a nil *Keychain in an interface
	}
	return s.k
}

// describe returns the kind and the state of the store, for status.
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
