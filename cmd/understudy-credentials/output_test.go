//go:build linux || darwin

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// process runs the helper as a process whose standard input stays open, and
// returns its status, -1 for the end by a signal.
func process(t *testing.T, stdout, stderr *os.File, shell string) int {
	t.Helper()
	in, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer held.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", shell, self)
	cmd.Env = append(os.Environ(), envHelper+"=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hangs := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
	defer hangs.Stop()
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// pipe is a pipe whose ends are closed when the test is over.
func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// said reads what was written to w until now.
func said(t *testing.T, r, w *os.File) string {
	t.Helper()
	w.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheProcessPrintsTheAnswerWithItsInputOpen(t *testing.T) {
	daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
	outR, out := pipe(t)
	errR, err := pipe(t)
	status := process(t, out, err, `exec "$0" prod`)
	if got, errs := said(t, outR, out), said(t, errR, err); status != 0 || got != answer+"\n" || errs != "" {
		t.Errorf("status %d, %q, %q", status, got, errs)
	}
}

func TestAnAnswerThatCannotBePrintedHasAStatusAndTwoLines(t *testing.T) {
	for _, shell := range []string{`exec "$0" prod`, `exec "$0" --help`} {
		daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
		profile := map[bool]string{true: "-", false: "prod"}[strings.Contains(shell, "help")]

		r, closed := pipe(t)
		r.Close()
		errR, err := pipe(t)
		status := process(t, closed, err, shell)
		checkRefusal(t, status, 2, "", said(t, errR, err), profile)

		full, ferr := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if ferr != nil {
			t.Skip("no /dev/full on this system")
		}
		errR, err = pipe(t)
		status = process(t, full, err, shell)
		full.Close()
		checkRefusal(t, status, 2, "", said(t, errR, err), profile)
	}
}

func TestAClosedDescriptorHangsNothing(t *testing.T) {
	daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
	errR, err := pipe(t)
	// The runtime puts /dev/null in the place of what is closed.
	status := process(t, nil, err, `exec "$0" prod >&-`)
	if errs := said(t, errR, err); status != 0 || errs != "" {
		t.Errorf("status %d, %q", status, errs)
	}
	if status := process(t, nil, nil, `exec "$0" prod dev 2>&-`); status != 2 {
		t.Errorf("status %d", status)
	}
}

func TestAReasonNobodyReadsLeavesTheStatus(t *testing.T) {
	daemon(t, wire.AppendError(nil, wire.LoginNeeded, "m", "h"))
	r, closed := pipe(t)
	r.Close()
	if status := process(t, nil, closed, `exec "$0" prod`); status != 3 {
		t.Errorf("status %d", status)
	}
}

func TestAFullPipeThatNobodyReadsIsGivenUp(t *testing.T) {
	_, w := pipe(t)
	fd := int(w.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := unix.Write(fd, make([]byte, 4096)); errors.Is(err, unix.EAGAIN) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if n, err := (descriptor{fd, 100 * time.Millisecond}).Write([]byte(answer)); n != 0 || !errors.Is(err, errUnread) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if d := time.Since(begun); d < 90*time.Millisecond || d > 2*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestALongAnswerGoesThroughAPipeWhole(t *testing.T) {
	r, w := pipe(t)
	want := bytes.Repeat([]byte("0123456789abcdef"), 20<<10)
	wrote := make(chan error, 1)
	go func() {
		n, err := (descriptor{int(w.Fd()), 5 * time.Second}).Write(want)
		if err == nil && n != len(want) {
			err = io.ErrShortWrite
		}
		w.Close()
		wrote <- err
	}()
	got, err := io.ReadAll(r)
	if err := errors.Join(err, <-wrote); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d of %d bytes, %v", len(got), len(want), err)
	}
}
