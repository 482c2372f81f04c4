package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAShellReadsTheLine(t *testing.T) {
	out, err := Shell(t.Context(), `x='a b'; printf '%s\n' "$x" | tr a-z A-Z; echo not this >&2`, 100)
	if err != nil || out.Reveal() != "A B\n" {
		t.Fatalf("%d bytes, err %v", len(out.Reveal()), err)
	}
}

func TestACommandFindsNothingOfOursButTheEnvironmentWithoutAWS(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	t.Setenv("aws_profile", "prod")
	t.Setenv("UNDERSTUDY_TEST_KEPT", "kept")
	// No standard input, no terminal: cat ends at once, and the session is the shell's own.
	out, err := Shell(t.Context(), `cat; env | grep -ic '^aws_'; echo $UNDERSTUDY_TEST_KEPT; (: </dev/tty) 2>/dev/null || echo no terminal`, 100)
	if err != nil || out.Reveal() != "0\nkept\nno terminal\n" {
		t.Fatalf("%q, err %v", out.Reveal(), err)
	}
}

func TestACommandThatEndsBadlyIsToldInItsOwnFirstLine(t *testing.T) {
	_, err := Shell(t.Context(), `printf '\n\033[31mno card\tin the reader\nmore\n' >&2; echo secret; exit 3`, 100)
	e, ok := errors.AsType[*Exit](err)
	if !ok || e.Status != 3 || err.Error() != "the command ended with status 3: [31mno card in the reader" {
		t.Errorf("%v", err)
	}
	_, err = Shell(t.Context(), `yes ä | head -c 9000 | tr -d '\n' >&2; exit 1`, 100)
	if err == nil || len(err.Error()) > 300 || !strings.HasSuffix(err.Error(), "ää…") {
		t.Errorf("a long line: %v", err)
	}
	if _, err = Shell(t.Context(), `kill -9 $$`, 100); err == nil || err.Error() != "the command was killed" {
		t.Errorf("killed: %v", err)
	}
	_, err = Run(t.Context(), 100, nil, filepath.Join(t.TempDir(), "nothing"))
	if _, ok := errors.AsType[*Exit](err); ok || err == nil {
		t.Errorf("a program that there is not: %v", err)
	}
}

func TestACommandThatPrintsTooMuchIsEndedAndNothingOfItIsUsed(t *testing.T) {
	if out, err := Shell(t.Context(), `printf 12345`, 5); err != nil || out.Reveal() != "12345" {
		t.Errorf("just enough: %v", err)
	}
	out, err := Shell(t.Context(), `yes`, 1<<10)
	if !errors.Is(err, ErrTooMuch) || !out.Empty() {
		t.Errorf("without end: %v", err)
	}
	if _, err = Shell(t.Context(), `printf 123456`, 5); !errors.Is(err, ErrTooMuch) {
		t.Errorf("one byte: %v", err)
	}
	// What it says on standard error is let go, and holds it up no more than that.
	if _, err = Shell(t.Context(), `yes | head -c 1000000 >&2`, 5); err != nil {
		t.Errorf("standard error: %v", err)
	}
}

// started is the pid that a command wrote into a file.
func started(t *testing.T, path string) int {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		b, err := os.ReadFile(path)
		if pid, bad := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && bad == nil {
			return pid
		}
	}
	t.Fatal("the command did not start")
	return 0
}

// dead tells a process that has ended and that nobody has waited for yet.
func dead(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(b), ") ")
	return err != nil || strings.HasPrefix(after, "Z")
}

// gone waits for a process that is not ours to wait for.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || dead(pid) {
			return
		}
	}
	t.Errorf("process %d lives", pid)
}

func TestALateCommandIsEndedWithAllThatItStarted(t *testing.T) {
	for name, limit := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"too late": func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, time.Second)
		},
		"taken back": context.WithCancel,
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			ctx, cancel := limit(t.Context())
			defer cancel()
			over := make(chan error, 1)
			go func() {
				_, err := Shell(ctx, `trap '' TERM HUP; sleep 300 & echo $! > '`+file+`'; wait`, 10)
				over <- err
			}()
			pid := started(t, file)
			want := ErrLate
			if name == "taken back" {
				cancel()
				want = context.Canceled
			}
			select {
			case err := <-over:
				if !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it is still waited for")
			}
			gone(t, pid)
		})
	}
}

func TestWhatACommandLeavesRunningHoldsNobodyUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	begin := time.Now()
	out, err := Shell(t.Context(), `sleep 30 & echo $! > '`+file+`'; echo 123456`, 100)
	if err != nil || out.Reveal() != "123456\n" {
		t.Errorf("err %v", err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := syscall.Kill(started(t, file), syscall.SIGKILL); err != nil {
		t.Errorf("an agent that the command started was ended: %v", err)
	}
}

func TestAProgramThatStaysIsLeftAloneWhenPatienceIsOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	if err := Launch(t.Context(), time.Second, []string{"FILE=" + file}, "/bin/sh", "-c", `echo $$ > "$FILE"; exec sleep 30`); err != nil {
		t.Fatal(err)
	}
	pid := started(t, file)
	if dead(pid) {
		t.Error("it was ended")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	gone(t, pid)
}

func TestAProgramThatCannotDoItSaysSo(t *testing.T) {
	for name, argv := range map[string][]string{
		"ends badly": {"/bin/sh", "-c", "exit 3"},
		"is missing": {filepath.Join(t.TempDir(), "nothing")},
	} {
		if err := Launch(t.Context(), 20*time.Second, nil, argv[0], argv[1:]...); err == nil {
			t.Errorf("a program that %s: no error", name)
		}
	}
	if err := Launch(t.Context(), 20*time.Second, nil, "/bin/sh", "-c", "exit 0"); err != nil {
		t.Errorf("a program that is done: %v", err)
	}
}
