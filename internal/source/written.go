package source

import (
	"context"
	"os"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

const (
	writing   = 500 * time.Millisecond // how long after a change a file's writer may still be at work
	lookAgain = 50 * time.Millisecond
	looks     = 4
)

// read reads the files, and returns the plan that was made of them before, if one
// was. Where the profile does not stand in what was changed just now it looks again
// for a moment: a daemon that has just started, or was told to drop its secrets,
// has no last good content to tell a half by.
func (r *Resolver) read(ctx context.Context, files awsconfig.Files, what asked) (*awsconfig.Config, *credential.Plan, error) {
	for look := 1; ; look++ {
		cfg, refused := r.Read(ctx, files)
		if p, ok := r.plans.get(files, cfg, what); ok {
			return cfg, p, refused
		}
		if cfg == nil || refused != nil || look == looks {
			return cfg, nil, refused
		}
		if _, ok := cfg.Profile(what.profile); ok || !justWritten(files) {
			return cfg, nil, refused
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return cfg, nil, refused
		}
	}
}

func justWritten(files awsconfig.Files) bool {
	for _, path := range []string{files.Config, files.Credentials} {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()).Abs() < writing {
			return true
		}
	}
	return false
}
