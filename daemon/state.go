package daemon

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"understudy/cache"
	"understudy/daemon/policy"
	"understudy/internal/logfile"
	"understudy/internal/place"
)

const (
	maxDaemonLog = 1 << 20
	maxAccessLog = 4 << 20
)

// openState makes the state folder and opens the log.
func openState(o Options) (state string, log *slog.Logger) {
	state, err := stateFolder()
	log = slog.New(slog.NewTextHandler(logTo(o, state), nil))
	if err != nil {
		log.Warn("no state folder: sessions are not listed after a restart, nor is it recorded who asks", "reason", err.Error())
	}
	return state, log
}

// logTo returns where the daemon's log goes: to the state folder if it runs in the
// background, to standard error if it runs in the foreground.
func logTo(o Options, state string) io.Writer {
	switch {
	case !o.Detached:
		return o.Stderr
	case state == "":
		return io.Discard
	}
	return logfile.New(filepath.Join(state, "daemon.log"), maxDaemonLog)
}

// stateFolder makes the state folder; "" and the reason if it cannot be written.
func stateFolder() (string, error) {
	dir, err := place.StateDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return "", err
	}
	probe.Close()
	return dir, os.Remove(probe.Name())
}

// openIndex returns the folder of the index of sessions; "" if the daemon has to do
// without, because it failed to start again and again.
func openIndex(state string, starts starts, log *slog.Logger) string {
	if !starts.begin(time.Now()) {
		return state
	}
	log.Warn("started again and again to no end; now without the index of sessions, which is set aside")
	if err := cache.SetAside(state); err != nil {
		log.Warn("the index of sessions is not set aside", "reason", err.Error())
	}
	return ""
}

// openAccessLog opens the access log; nil without a state folder.
func openAccessLog(state string, log *slog.Logger, parts *parts) *policy.AccessLog {
	if state == "" {
		return nil
	}
	access := policy.OpenAccessLog(logfile.New(filepath.Join(state, "access.log"), maxAccessLog), log)
	parts.add(access.Close)
	return access
}

// openCache opens the cache, whose index is in the folder index.
func openCache(secrets *store, index string, log *slog.Logger, parts *parts) (*cache.Cache, error) {
	sessions, err := cache.Open(cache.Config{Store: secrets.secrets(), Dir: index, Log: log})
	if err != nil {
		return nil, err
	}
	parts.add(func() {
		end, cancel := context.WithTimeout(context.Background(), keepLimit)
		defer cancel()
		if err := sessions.Close(end); err != nil {
			log.Warn("not everything was kept", "reason", err.Error())
		}
	})
	return sessions, nil
}
