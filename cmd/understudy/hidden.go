package main

import (
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/term"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// maxHidden is more than any line that is typed in secret, in bytes.
const maxHidden = 8 << 10

// readHidden reads one line of standard input: from a terminal after a question
// and without showing it, else as it comes. The terminal is given back as it
// was, also when ctx ends. Ctrl-C is context.Canceled.
func (a *app) readHidden(ctx context.Context, question string) (credential.Secret, error) {
	read := func() (string, error) { return firstLine(a.in) }
	if f, ok := a.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		// Raw before the question is on the screen: what is typed, or pasted, the
		// moment it appears must not be shown either.
		before, err := term.MakeRaw(int(f.Fd()))
		if err != nil {
			return credential.Secret{}, unreadable()
		}
		defer term.Restore(int(f.Fd()), before)
		screen := term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{f, a.err}, "")
		read = func() (string, error) {
			line, err := screen.ReadPassword(question)
			if err != nil { // Ctrl-C and Ctrl-D end a raw terminal's input
				err = context.Canceled
			}
			return line, err
		}
	}
	type outcome struct {
		line string
		err  error
	}
	came := make(chan outcome, 1)
	go func() { // ends with the line, or with the process
		line, err := read()
		came <- outcome{line, err}
	}()
	select {
	case o := <-came:
		switch {
		case errors.Is(o.err, context.Canceled):
			return credential.Secret{}, o.err
		case o.err != nil:
			return credential.Secret{}, unreadable()
		}
		return credential.NewSecret(o.line), nil
	case <-ctx.Done():
		return credential.Secret{}, context.Cause(ctx)
	}
}

// firstLine reads to the end of a line and no further: what follows may be the
// next thing that is asked for.
func firstLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < maxHidden {
		n, err := r.Read(one)
		if n == 1 {
			line = append(line, one[0])
			if one[0] == '\n' {
				break
			}
		}
		if err == io.EOF && len(line) > 0 {
			break
		}
		if err != nil {
			return string(line), err
		}
	}
	return string(line), nil
}

func unreadable() error {
	return &wire.Error{Code: wire.Usage, Message: "nothing came on standard input", Hint: "run it in a terminal, or pipe one line into it"}
}
