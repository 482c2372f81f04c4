package source

import (
	"context"
	"errors"
	"fmt"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/process"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// commandFailure explains the failure of a command. err has the first line that the
// command wrote to stderr; limit is how many bytes it may print.
func commandFailure(by awsconfig.Value, err error, limit int) error {
	f := &credential.Failure{
		Code:   wire.Temporary,
		Reason: text.Clean(fmt.Sprintf("%s: %s: %v", by.At(), by.Key, err)),
		Hint:   "run the command by hand and see what it says",
	}
	exit, ended := errors.AsType[*process.Exit](err)
	switch {
	case ended && (exit.Status == 126 || exit.Status == 127): // of a shell: the program cannot be run
		f.Code, f.Hint = wire.BadConfig, "write the program's path from the root; the daemon may have another PATH than your shell"
	case errors.Is(err, process.ErrTooMuch):
		f.Code, f.Hint = wire.BadConfig, fmt.Sprintf("it may print %d KiB at most", limit>>10)
	case errors.Is(err, process.ErrLate):
		f.Hint = fmt.Sprintf("it has %d s; if it asks for something, nobody sees that: run it by hand first", int(process.Deadline.Seconds()))
	case errors.Is(err, context.Canceled):
		f.Reason = text.Clean(fmt.Sprintf("%s: %s: ended before the command was done", by.At(), by.Key))
		f.Hint = "try again"
	}
	return f
}
