package daemon

import (
	"context"
	"path/filepath"
	"time"

	"understudy/internal/identitycenter"
	"understudy/internal/place"
)

// openSignIns makes what signs in at IAM Identity Center. Its tokens are kept where
// sessions are; those of the AWS CLI are read from the home folder.
func (d *daemon) openSignIns() {
	c := identitycenter.Config{Store: d.store.secrets(), Ask: d.desk.Ask, Reach: d.desk.Reach, Closed: d.desk.Closed, Log: d.log}
	if home, err := place.Home(); err == nil {
		c.CLIFile = identitycenter.CLICache(filepath.Join(home, ".aws", "sso", "cache"))
	}
	d.signIns = identitycenter.New(c)
	d.parts.add(func() {
		ctx, cancel := context.WithTimeout(context.Background(), signInLimit)
		defer cancel()
		if err := d.signIns.Close(ctx); err != nil {
			d.log.Warn("a sign-in was not kept", "reason", err.Error())
		}
	})
}

// signInLimit is how long a stopping daemon waits for a sign-in to be kept.
const signInLimit = 300 * time.Millisecond
