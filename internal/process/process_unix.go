//go:build unix

package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func shell(ctx context.Context, line string) *exec.Cmd { return Command(ctx, "/bin/sh", "-c", line) }

// Detach starts cmd in a session of its own: it has no terminal to ask on, a Ctrl-C
// for this program does not reach it, and KillGroup ends it with its children.
func Detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// KillGroup kills p, which was started detached, and its children, and returns at once.
// It does nothing if p has been waited for.
func KillGroup(p *os.Process) error {
	err := p.Kill()
	if err == nil {
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // gone already is as good
	}
	return err
}

func killTree(p *os.Process) error { return KillGroup(p) }

// Launch starts a program that may stay as long as it likes, as a browser does,
// and returns when it has ended or patience is over. An error says that it could
// not be started, or that it ended before with another status than 0.
//
// What is started is a shell that waits for the program. When patience is over
// the shell alone is killed: the program goes on, and is nobody's child that we
// would have to wait for.
func Launch(ctx context.Context, patience time.Duration, env []string, path string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := Command(ctx, "/bin/sh", append([]string{"-c", `"$@" & wait $!`, "sh", path}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	err := cmd.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil // it is still there: it has nothing to complain of
	}
	return err
}
