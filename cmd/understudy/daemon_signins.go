package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"understudy/internal/identitycenter"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// openSignIns makes what signs in at IAM Identity Center and keeps it with the
// sessions. The AWS CLI's tokens are looked for in the home folder.
func openSignIns(keep *store, desk *prompt.Desk, log *slog.Logger) *identitycenter.Center {
	c := identitycenter.Config{Store: keep.behind(), Ask: desk.Ask, Reach: desk.Reach, Closed: desk.Closed, Log: log}
	if home, err := wire.Home(); err == nil {
		c.CLIFile = identitycenter.CLICache(filepath.Join(home, ".aws", "sso", "cache"))
	}
	return identitycenter.New(c)
}

// signInLimit is what a stopping daemon gives to keep a sign-in.
const signInLimit = 300 * time.Millisecond

func closeSignIns(c *identitycenter.Center, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), signInLimit)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		log.Warn("a sign-in was not kept", "reason", err.Error())
	}
}
