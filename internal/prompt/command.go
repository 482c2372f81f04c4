package prompt

import (
	"context"
	"errors"
	"strings"

	"understudy/internal/credential"
	"understudy/internal/process"
)

// maxTyped is the longest answer, in bytes: no code comes near it.
const maxTyped = 1 << 10

// errSilent is a command that ended well and printed nothing.
var errSilent = errors.New("the command printed no code")

// RunCommand runs a command in place of asking. The answer is the first line of
// its standard output, without blanks around it. When it is not done within
// process.Deadline, or ends with another status than 0, the error says so with
// the first line that the command had to say, for people.
func RunCommand(ctx context.Context, command string) (Answer, error) {
	out, err := process.Shell(ctx, command, maxTyped)
	if err != nil {
		return Answer{}, err
	}
	line, _, _ := strings.Cut(out.Reveal(), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return Answer{}, errSilent
	}
	return credential.NewSecret(line), nil
}
