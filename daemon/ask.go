package daemon

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"understudy/internal/prompt"
	"understudy/internal/settings"
	"understudy/internal/totp"
)

// notifier returns the function that shows desktop notifications; nil if the settings
// forbid the use of the desktop.
func notifier(mode settings.Prompt, log *slog.Logger) func(ctx context.Context, title, text string) {
	if mode == settings.PromptNone || mode == settings.PromptTTY {
		return nil
	}
	return func(ctx context.Context, title, text string) {
		if err := prompt.Notify(ctx, title, text); err != nil {
			log.Info("nobody can be told on the desktop", "what", title, "reason", err.Error())
		}
	}
}

// code returns the function that makes the codes of MFA devices whose seeds are in the
// keychain; nil if the keychain is not used.
func (s *store) code() func(context.Context, string) (prompt.Answer, error) {
	if s.k == nil {
		return nil
	}
	seeds := totp.Seeds{Store: s.k}
	return func(ctx context.Context, serial string) (prompt.Answer, error) {
		c, ok, err := seeds.Code(ctx, serial, time.Now())
		if err == nil && !ok {
			err = errors.New("there is no seed of the device in the keychain; add it: understudy totp add " + serial)
		}
		return c.Value, err
	}
}
