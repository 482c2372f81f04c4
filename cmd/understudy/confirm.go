package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// canAsk reports whether a person sits at standard input.
func (a *app) canAsk() bool {
	f, ok := a.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// confirm asks a yes or no at the terminal. Anything but yes is no, and so are an
// end of input and Ctrl-C.
func (a *app) confirm(ctx context.Context, question string) (bool, error) {
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	came := make(chan string, 1)
	go func() { // ends with the line, or with the process
		line, _ := firstLine(a.in)
		came <- line
	}()
	select {
	case line := <-came:
		if !strings.HasSuffix(line, "\n") {
			a.note("")
		}
		answer := strings.ToLower(strings.TrimSpace(line))
		return answer == "y" || answer == "yes", nil
	case <-ctx.Done():
		a.note("")
		return false, nil
	}
}
