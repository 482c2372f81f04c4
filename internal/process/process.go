// Package process runs the commands that a configuration names: with a
// deadline, an output of limited size, no standard input, no terminal, and an
// environment without AWS_*, whose variables are a caller's and not ours.
//
// Sources and prompts run such commands, and the keychain's worker is detached and
// killed in the same way.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"understudy/internal/credential"
	"understudy/internal/text"
)

// Deadline is what a command line may take at most, whatever its caller allows.
const Deadline = time.Minute

// grace is how long the output of a command that has ended may stay open, held
// by something it left running.
const grace = time.Second

const maxStderr = 4 << 10

// Why there is no output, beside an *Exit and what kept the command from
// starting. A call that its caller took back says so in the context's words.
var (
	ErrLate    = errors.New("the command did not end in time")
	ErrTooMuch = errors.New("the command printed more than it may")
)

// Exit is a command that ended with another status than 0.
type Exit struct {
	Status int    // -1: a signal ended it
	Stderr string // the beginning of what it said, as it came; may hold anything
}

// Error ends with the first line that the command had to say, cut and cleaned.
func (e *Exit) Error() string {
	text := fmt.Sprintf("the command ended with status %d", e.Status)
	if e.Status < 0 {
		text = "the command was killed"
	}
	if said := firstLine(e.Stderr, 200); said != "" {
		text += ": " + said
	}
	return text
}

// Shell runs line as the SDKs run credential_process: `sh -c` on Unix, `cmd /C`
// on Windows, so that a line that works there works here. It returns the
// standard output, which is at most limit bytes.
func Shell(ctx context.Context, line string, limit int) (credential.Secret, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Deadline, ErrLate)
	defer cancel()
	return output(ctx, shell(ctx, line), limit)
}

// Run is Shell for a program and its arguments, with env added to its
// environment. It has as long as ctx: there may be a person behind it.
func Run(ctx context.Context, limit int, env []string, path string, args ...string) (credential.Secret, error) {
	cmd := Command(ctx, path, args...)
	cmd.Env = append(cmd.Env, env...)
	return output(ctx, cmd, limit)
}

// Command prepares a program that has no terminal and is killed, with what it
// started, when ctx ends. Its standard streams go nowhere unless set.
func Command(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = environ(os.Environ())
	cmd.WaitDelay = grace
	Detach(cmd)
	cmd.Cancel = func() error { return killTree(cmd.Process) }
	return cmd
}

// output runs cmd, which ends with ctx. A context below ctx would not do to ask
// for the reason: when ctx has ended it may not have yet.
func output(ctx context.Context, cmd *exec.Cmd, limit int) (credential.Secret, error) {
	var tooMuch atomic.Bool
	out := &bounded{limit: limit, over: func() {
		tooMuch.Store(ctx.Err() == nil) // else it is ended already
		_ = cmd.Cancel()                // its end is what Wait returns for
	}}
	said := &bounded{limit: maxStderr}
	cmd.Stdout, cmd.Stderr = out, said
	err := cmd.Run()
	switch cause := context.Cause(ctx); {
	case tooMuch.Load():
		return credential.Secret{}, ErrTooMuch
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // something it left running keeps the output open
		return credential.NewSecret(out.String()), nil
	case errors.Is(cause, context.DeadlineExceeded):
		return credential.Secret{}, ErrLate
	case cause != nil:
		return credential.Secret{}, cause
	}
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return credential.Secret{}, &Exit{Status: e.ExitCode(), Stderr: said.String()}
	}
	return credential.Secret{}, fmt.Errorf("the command cannot be run: %w", err)
}

// bounded keeps the first limit bytes. What is more is let go, so that whoever
// writes is not held up, after over was called, where there is one.
type bounded struct {
	strings.Builder
	limit int
	over  func()
}

func (b *bounded) Write(p []byte) (int, error) {
	left := b.limit - b.Len()
	b.Builder.Write(p[:min(left, len(p))])
	if len(p) > left && b.over != nil {
		b.over()
		b.over = nil
	}
	return len(p), nil
}

// environ is env without the AWS settings of whoever started this program.
func environ(env []string) []string {
	kept := make([]string, 0, len(env))
	for _, kv := range env {
		if !strings.HasPrefix(strings.ToUpper(kv), "AWS_") {
			kept = append(kept, kv)
		}
	}
	return kept
}

// firstLine returns the first line of output that is not blank, made fit for a
// terminal and at most limit bytes long.
func firstLine(output string, limit int) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(text.Line(strings.ToValidUTF8(line, "")))
		if line == "" {
			continue
		}
		if len(line) > limit {
			line = strings.ToValidUTF8(line[:limit], "") + "…"
		}
		return line
	}
	return ""
}

// LookPath is exec.LookPath: a program that PATH has, never one of the working
// folder.
func LookPath(name string) (string, error) { return exec.LookPath(name) }
