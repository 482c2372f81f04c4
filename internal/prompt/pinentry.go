package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"understudy/internal/credential"
	"understudy/internal/process"
)

// pinentry is GnuPG's dialog program, at its path. What is typed comes over a
// pipe and stands in no argument.
type pinentry string

// errEnded is a dialog that went away while it was open: killed, or its display
// with it. It is no answer of a person.
var errEnded = errors.New("the dialog ended without an answer")

func (p pinentry) Ask(ctx context.Context, q Question) (Answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := process.Command(ctx, string(p))
	cmd.Env = append(cmd.Env, busEnv()...)
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return Answer{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return Answer{}, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return Answer{}, fmt.Errorf("%w: %s does not start", errNoDialog, filepath.Base(string(p)))
	}
	stop := context.AfterFunc(ctx, func() { out.Close() }) // should something that it started still hold it
	a, err := talk(in, out, q)
	stop()
	over := ended(ctx)
	cancel() // it has nothing more to say
	in.Close()
	_ = cmd.Wait() // how it ended changes nothing
	if err != nil && over != nil {
		return Answer{}, over
	}
	return a, err
}

// talk has the dialog shown by the program at the other end of in and out.
func talk(in io.Writer, out io.Reader, q Question) (Answer, error) {
	c := &assuan{in: in, lines: bufio.NewScanner(out)}
	c.lines.Buffer(make([]byte, maxAssuan+2), maxAssuan+2)
	if _, err := c.reply(); err != nil {
		return Answer{}, fmt.Errorf("%w: no greeting", errNoDialog)
	}
	if _, err := c.do("OPTION", "no-grab"); err != nil && !errors.As(err, new(refusal)) {
		return Answer{}, fmt.Errorf("%w: %w", errNoDialog, err)
	}
	for _, set := range []struct{ command, text string }{
		{"SETTITLE", "understudy"},
		{"SETDESC", q.Text},
		{"SETPROMPT", "Code:"},
		{"SETERROR", q.Notice},
	} {
		if set.text == "" {
			continue
		}
		// A program that does not know a command shows a little less.
		if _, err := c.do(set.command, set.text); err != nil && !errors.As(err, new(refusal)) {
			return Answer{}, fmt.Errorf("%w: %w", errNoDialog, err)
		}
	}
	data, err := c.do("GETPIN", "")
	if r, ok := errors.AsType[refusal](err); ok {
		return Answer{}, r.meaning()
	}
	if err != nil {
		return Answer{}, err
	}
	return typed(string(data))
}

// typed is what a person typed; nothing is as good as closing the dialog.
func typed(text string) (Answer, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Answer{}, ErrClosed
	}
	return credential.NewSecret(text), nil
}

// needsTerminal tells the programs that would draw on a terminal: there is none.
func needsTerminal(path string) bool {
	switch base := filepath.Base(path); {
	case strings.HasSuffix(base, "-curses"), strings.HasSuffix(base, "-tty"), strings.HasSuffix(base, "-loopback"):
		return true
	}
	return false
}
