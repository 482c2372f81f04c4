package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/place"
	"understudy/internal/wire"
)

func newDaemonStopCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "stop",
		Short: "Stop the daemon",
		Long: `Stops the daemon as SIGTERM does: answers under way go out, and what is not in
the keychain yet is written. One that does not answer is killed. The next
program that needs credentials starts another.`,
		Args: noArgument,
		RunE: func(*cobra.Command, []string) error {
			pid, err := a.stopDaemon()
			switch {
			case errors.Is(err, wire.ErrNotRunning):
				return a.say("not running")
			case err != nil:
				return err
			}
			return a.say("stopped: pid %d", pid)
		},
	}
}

// stopLimit bounds the wait for the daemon's end; it needs 2 s at most.
const stopLimit = 5 * time.Second

// stopDaemon returns the pid of the daemon that it stopped, 0 where the kernel
// does not say; wire.ErrNotRunning where none ran. It waits for the end of the
// process and not of the socket alone: a daemon started before then would not
// find what the old one still writes.
func (a *app) stopDaemon() (pid int, err error) {
	endBySignal()
	path, err := place.SocketPath()
	if err != nil {
		return 0, err
	}
	conn, err := wire.Dialer{Path: path}.Dial(wire.RetryFor)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	peer, err := conn.Peer()
	if err != nil {
		return 0, err
	}
	reply, err := conn.Do(wire.Request{Op: wire.Stop}, wire.ReadTimeout)
	switch {
	case errors.Is(err, wire.ErrSilent):
		if err := a.killSilent(peer.PID); err != nil {
			return 0, err
		}
	case err == nil && reply.Err != nil:
		return 0, reply.Err
	case err != nil && !errors.Is(err, wire.ErrClosed): // closed: it is leaving already
		return 0, err
	}
	if err = awaitEnd(path, peer.PID); err != nil && peer.PID > 0 {
		// It took the word and froze: what it had to keep it would have kept by now.
		if err := a.killSilent(peer.PID); err != nil {
			return 0, err
		}
		err = awaitEnd(path, peer.PID)
	}
	return peer.PID, err
}

func (a *app) killSilent(pid int) error {
	if err := kill(pid); err != nil {
		return fmt.Errorf("the daemon does not answer, and it cannot be killed: %w", err)
	}
	a.note("the daemon did not answer and was killed")
	return nil
}

func kill(pid int) error {
	if pid <= 0 {
		return errors.New("its process is not known")
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer p.Release()
	return p.Kill()
}

// awaitEnd returns when the process has ended; where its pid is not known, when
// nobody listens any more.
func awaitEnd(path string, pid int) error {
	limit := time.After(stopLimit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if pid > 0 && gone(pid) || pid <= 0 && silent(path) {
			return nil
		}
		select {
		case <-tick.C:
		case <-limit:
			return &wire.Error{Code: wire.NoDaemon,
				Message: fmt.Sprintf("the daemon was told to stop, and pid %d is still there after %v", pid, stopLimit),
				Hint:    "to see what it does, run: understudy daemon logs"}
		}
	}
}

func silent(path string) bool {
	conn, err := wire.Dialer{Path: path}.Dial(time.Second)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, wire.ErrNotRunning)
}
