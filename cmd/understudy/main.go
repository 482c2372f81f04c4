// understudy is the people's command: it shows what the daemon has, starts and
// stops it, and, as `understudy daemon run`, is the daemon.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"understudy/internal/credential"
	"understudy/internal/launch"
	"understudy/internal/lockdown"
	"understudy/internal/text"
	"understudy/internal/wire"
)

var version = "dev" // set by the Makefile

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{in: stdin, out: stdout, err: stderr, version: version}
	if err := lockdown.Apply(); err != nil {
		return a.fail(&wire.Error{Code: wire.NoDaemon, Message: err.Error(),
			Hint: "this system does not let a program protect its memory; understudy does not run without"})
	}
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	root := newRoot(a)
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		return a.fail(err)
	}
	return a.status
}

// fail says why on stderr, with what to do next, and returns the exit status.
// Errors that no part of understudy made come from cobra: the words were wrong.
func (a *app) fail(err error) int {
	e := a.explain(err)
	about := ""
	if a.profile != "" {
		about = a.profile + ": "
	}
	fmt.Fprintf(a.err, "understudy: %s%s\nhint: %s\n", text.Line(about), text.Line(e.Message), text.Line(e.Hint))
	return e.Code.ExitStatus()
}

func (a *app) explain(err error) *wire.Error {
	if f, ok := errors.AsType[*credential.Failure](err); ok {
		return &wire.Error{Code: f.Code, Message: f.Reason, Hint: f.Hint}
	}
	if e, ok := errors.AsType[*wire.Error](err); ok && !a.running {
		return e // of ours all the same
	}
	if a.running {
		return launch.Explain(err)
	}
	return &wire.Error{Code: wire.Usage, Message: strings.TrimSuffix(err.Error(), "."), Hint: "see: understudy --help"}
}
