package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"understudy/internal/identitycenter"
	"understudy/internal/place"
	"understudy/internal/prompt"
)

// openSignIns returns the client that signs in at IAM Identity Center. Its tokens are
// stored where sessions are; those of the AWS CLI are read from the home folder.
func openSignIns(keep *store, desk *prompt.Desk, log *slog.Logger, parts *parts) *identitycenter.Center {
	c := identitycenter.Config{Store: keep.secrets(), Ask: desk.Ask, Reach: desk.Reach, Closed: desk.Closed, Log: log}
	if home, err := place.Home(); err == nil {
		c.CLIFile = identitycenter.CLICache(filepath.Join(home, ".aws", "sso", "cache"))
	}
	signIns := identitycenter.New(c)
	parts.add(func() {
		ctx, cancel := context.WithTimeout(context.Background(), signInLimit)
		defer cancel()
		if err := signIns.Close(ctx); err != nil {
			log.Warn("a sign-in was not kept", "reason", err.Error())
		}
	})
	return signIns
}

// signInLimit is how long a stopping daemon waits for a sign-in to be stored.
const signInLimit = 300 * time.Millisecond
