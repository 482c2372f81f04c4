package source

import (
	"context"
	"os"
	"time"

	"understudy/internal/awsconfig"
)

const (
	writing   = 500 * time.Millisecond // how long after a change a file's writer may still be at work
	lookAgain = 50 * time.Millisecond
	looks     = 4
)

// read reads the files. Where the profile does not stand in what was changed just
// now it looks again for a moment: a daemon that has just started, or was told to
// drop its secrets, has no last good content to tell a half by.
func (r *Resolver) read(ctx context.Context, files awsconfig.Files, profile string) (*awsconfig.Config, error) {
	for look := 1; ; look++ {
		cfg, refused := r.Read(ctx, files)
		if cfg == nil || refused != nil || look == looks {
			return cfg, refused
		}
		if _, ok := cfg.Profile(profile); ok || !justWritten(files) {
			return cfg, refused
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return cfg, refused
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
