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
func (d *daemon) openState() {
	state, err := stateFolder()
	d.state = state
	d.log = slog.New(slog.NewTextHandler(d.logTo(), nil))
	if err != nil {
		d.log.Warn("no state folder: sessions are not listed after a restart, nor is it recorded who asks", "reason", err.Error())
	}
}

// logTo returns where the daemon's log goes: to the state folder if it runs in the
// background, to standard error if it runs in the foreground.
func (d *daemon) logTo() io.Writer {
	switch {
	case !d.options.Detached:
		return d.options.Stderr
	case d.state == "":
		return io.Discard
	}
	return logfile.New(filepath.Join(d.state, "daemon.log"), maxDaemonLog)
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
func (d *daemon) openIndex() string {
	if d.state == "" {
		return ""
	}
	d.starts = startsIn(d.state)
	if !d.starts.begin(time.Now()) {
		return d.state
	}
	d.log.Warn("started again and again to no end; now without the index of sessions, which is set aside")
	if err := cache.SetAside(d.state); err != nil {
		d.log.Warn("the index of sessions is not set aside", "reason", err.Error())
	}
	return ""
}

func (d *daemon) openAccessLog() {
	if d.state == "" {
		return
	}
	d.access = policy.OpenAccessLog(logfile.New(filepath.Join(d.state, "access.log"), maxAccessLog), d.log)
	d.parts.add(d.access.Close)
}

// openCache opens the cache, whose index is in the folder index.
func (d *daemon) openCache(index string) error {
	sessions, err := cache.Open(cache.Config{Store: d.store.secrets(), Dir: index, Log: d.log})
	if err != nil {
		return err
	}
	d.sessions = sessions
	d.parts.add(func() {
		end, cancel := context.WithTimeout(context.Background(), keepLimit)
		defer cancel()
		if err := sessions.Close(end); err != nil {
			d.log.Warn("not everything was kept", "reason", err.Error())
		}
	})
	return nil
}
