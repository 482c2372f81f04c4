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

// openState makes the state folder and opens the log. state is "" if the folder cannot
// be used.
func openState(o Options) (state string, log *slog.Logger) {
	state, err := stateFolder()
	log = slog.New(slog.NewTextHandler(logTo(o, state), nil))
	if err != nil {
		log.Warn("no state folder: sessions are not listed after a restart, nor is it recorded who asks", "reason", err.Error())
	}
	return state, log
}

// logTo returns the destination of the daemon's log: the state folder if the daemon
// runs in the background, standard error if it runs in the foreground.
func logTo(o Options, state string) io.Writer {
	switch {
	case !o.Detached:
		return o.Stderr
	case state == "":
		return io.Discard
	}
	return logfile.New(filepath.Join(state, "daemon.log"), maxDaemonLog)
}

// stateFolder makes the state folder and checks that it can be written.
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

// openIndex returns the folder of the index of sessions; "" for none, if the daemon
// failed to start several times in a row. Then it renames the index.
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

// openAccessLog opens the access log; nil if there is no state folder.
func openAccessLog(state string, log *slog.Logger, parts *parts) *policy.AccessLog {
	if state == "" {
		return nil
	}
	access := policy.OpenAccessLog(logfile.New(filepath.Join(state, "access.log"), maxAccessLog), log)
	parts.add(access.Close)
	return access
}

// openCache opens the cache with its index in the folder index; "" means no index.
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
