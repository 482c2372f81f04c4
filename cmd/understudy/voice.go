package main

// How the command speaks, in every verb:
//
//   - Standard output holds what was asked for and nothing else; the rest goes
//     to standard error. Nothing reads standard input but totp add,
//     keys add and, at a terminal, a question to be answered with yes or no.
//   - Lower case, no full stop, no exclamation mark, one line a thought.
//   - A refusal is one line "understudy: reason" and one line "hint: what to do
//     next", and an exit status that says of what kind it is. main.go prints
//     both; verbs return them.
//   - A hint names a command that can be run as it stands, where there is one.
//   - What is already as it was asked to be is said and is no error.
//   - Whatever came from a file or over the socket passes text.Line before it
//     reaches a terminal.

import (
	"fmt"

	"understudy/internal/wire"
)

// say writes one line of what was asked for.
func (a *app) say(format string, args ...any) error {
	return a.write([]byte(fmt.Sprintf(format, args...) + "\n"))
}

// write writes b, whole, to standard output.
func (a *app) write(b []byte) error {
	if _, err := a.out.Write(b); err != nil {
		return &wire.Error{Code: wire.Usage, Message: err.Error(), Hint: "standard output is closed or full"}
	}
	return nil
}

// note writes one line beside what was asked for.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.err, format+"\n", args...)
}

// hint writes what to do next after something that is no error.
func (a *app) hint(format string, args ...any) { a.note("hint: "+format, args...) }

// misused refuses arguments; example is how the verb is rightly called.
func misused(message, example string) error {
	return &wire.Error{Code: wire.Usage, Message: message, Hint: "as in: " + example}
}
