package source

import (
	"context"
	"os"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

const (
	writeTime = 500 * time.Millisecond // how long after a change a file may be half written
	readAgain = 50 * time.Millisecond  // between two reads
	maxReads  = 4
)

// read reads the files, and returns the plan that was made from them before, if
// there is one. If the profile is missing in a file that has just changed, it
// reads again for a moment: the file may be half written, and a daemon that has
// just started has no last good content to compare with.
func (r *Resolver) read(ctx context.Context, files awsconfig.Files, key planKey) (*awsconfig.Config, *credential.Plan, error) {
	for n := 1; ; n++ {
		cfg, refused := r.Read(ctx, files)
		if p, ok := r.plans.get(files, cfg, key); ok {
			return cfg, p, refused
		}
		if cfg == nil || refused != nil || n == maxReads {
			return cfg, nil, refused
		}
		if _, ok := cfg.Profile(key.profile); ok || !justWritten(files) {
			return cfg, nil, refused
		}
		select {
		case <-time.After(readAgain):
		case <-ctx.Done():
			return cfg, nil, refused
		}
	}
}

func justWritten(files awsconfig.Files) bool {
	for _, path := range []string{files.Config, files.Credentials} {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()).Abs() < writeTime {
			return true
		}
	}
	return false
}
