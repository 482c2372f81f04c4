// Package launch connects to the daemon and starts it where none answers, so
// that whoever needs credentials never has to think of it. However many callers
// come at once, one of them starts one daemon and the others wait for it.
package launch

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"understudy/internal/place"
	"understudy/internal/wire"
)

// A Launcher reaches one user's daemon.
type Launcher struct {
	wire.Dialer
	// ConfigFile and CredentialsFile are handed to a daemon that is started,
	// which trusts the files of whoever started it. Empty: the default files.
	ConfigFile      string
	CredentialsFile string
	// Begun is a connection on which the request of the first Do is sent already; nil
	// means none.
	Begun *wire.Conn

	within time.Duration // replaces limit in tests
}

// limit bounds everything up to the daemon's first word. A daemon is there
// within some tens of milliseconds; what takes longer is broken, and the
// callers of a helper are promised an answer within 5 s. The kernel rounds a
// socket's timeout up, by half a second where it counts a thousand ticks to one,
// and what was begun before took a little too.
const limit = 4300 * time.Millisecond

// Do sends one request and returns the body of the reply. It starts the daemon
// where none is running, and asks again if one was just leaving.
func (l Launcher) Do(r wire.Request) ([]byte, error) {
	begun := time.Now()
	deadline := begun.Add(cmp.Or(l.within, limit))
	for {
		reply, err := l.try(r, deadline)
		switch {
		case errors.Is(err, wire.ErrClosed) && time.Since(begun) < wire.RetryFor:
			time.Sleep(rand.N(20 * time.Millisecond))
		case err != nil:
			return nil, err
		case stopping(reply.Err) && time.Since(begun) < wire.FetchWait:
			time.Sleep(rand.N(20 * time.Millisecond))
			deadline = time.Now().Add(cmp.Or(l.within, limit)) // the next daemon's own
		case reply.Err != nil:
			return nil, reply.Err
		default:
			return reply.Body, nil
		}
	}
}

// stopping reports whether the daemon ended before it had the answer.
func stopping(e *wire.Error) bool {
	return e != nil && e.Code == wire.Temporary && e.Message == wire.Stopping
}

// try asks once. What was begun counts as the first time.
func (l *Launcher) try(r wire.Request, deadline time.Time) (wire.Reply, error) {
	if conn := l.Begun; conn != nil {
		l.Begun = nil
		defer conn.Close()
		return conn.Await(time.Until(deadline))
	}
	conn, err := l.connect(deadline)
	if err != nil {
		return wire.Reply{}, err
	}
	defer conn.Close()
	return conn.Do(r, time.Until(deadline))
}

// connect dials, and starts a daemon where none is running.
func (l Launcher) connect(deadline time.Time) (*wire.Conn, error) {
	conn, err := l.Dial(wire.RetryFor)
	if err == nil || !retryable(err) {
		return conn, err
	}
	if err := place.MakeDir(l.Path); err != nil {
		return nil, err
	}
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 80*time.Millisecond) {
		if errors.Is(err, wire.ErrNotRunning) {
			if err := l.startOnce(deadline); err != nil {
				return nil, err
			}
		}
		if conn, err = l.Dial(time.Until(deadline)); err == nil || !retryable(err) {
			return conn, err
		}
		if time.Until(deadline) < pause {
			return nil, err
		}
		time.Sleep(pause/2 + rand.N(pause))
	}
}

func retryable(err error) bool {
	return errors.Is(err, wire.ErrNotRunning) || errors.Is(err, wire.ErrBusy)
}

// Replace stops the daemon that is running and starts the one next to this program.
// In between no other caller starts a daemon: it might start one of another version.
func (l Launcher) Replace(stop func() error) error {
	if err := place.MakeDir(l.Path); err != nil {
		return err
	}
	lock, err := l.lockStart(time.Now().Add(cmp.Or(l.within, limit)))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := stop(); err != nil {
		return err
	}
	return l.start(time.Now().Add(cmp.Or(l.within, limit)))
}

// lockStart takes the start lock. A caller that holds it is starting a daemon.
func (l Launcher) lockStart(deadline time.Time) (*os.File, error) {
	for {
		lock, ours, err := tryLock(filepath.Join(lockDir(l.Path), "start"))
		switch {
		case err != nil:
			return nil, fmt.Errorf("take the start lock: %w", err)
		case ours:
			return lock, nil
		case time.Now().After(deadline):
			return nil, errors.New("another program has been starting the daemon for too long")
		}
		time.Sleep(5*time.Millisecond + rand.N(10*time.Millisecond))
	}
}

// startOnce starts a daemon unless another caller is at it right now.
func (l Launcher) startOnce(deadline time.Time) error {
	lock, ours, err := tryLock(filepath.Join(lockDir(l.Path), "start"))
	if err != nil {
		return fmt.Errorf("take the start lock: %w", err)
	}
	if !ours {
		return nil
	}
	defer lock.Close()
	// Whoever held the lock before us may have started it.
	if conn, err := l.Dial(time.Until(deadline)); !errors.Is(err, wire.ErrNotRunning) {
		if err == nil {
			conn.Close()
		}
		return nil
	}
	return l.start(deadline)
}
