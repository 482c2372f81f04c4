package keychain

import (
	"errors"
	"fmt"
	"os/exec"
)

// itemLimit is what one command of /usr/bin/security carries, 4,096 bytes, less
// its words, the names, and what base64 adds.
const itemLimit = 2600

func system() vault {
	l := library{explain: explain}
	return vault{gate: open{items: l}, shelf: shelf{items: l, limit: itemLimit}}
}

// explain reads the exit status of /usr/bin/security, which is the low byte of
// the Security framework's code.
func explain(err error) error {
	e, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return errors.New("/usr/bin/security cannot be run")
	}
	switch e.ExitCode() {
	case 36: // errSecInteractionNotAllowed: locked, and nobody may be asked
		return ErrLocked
	case 51, 128: // errSecAuthFailed, userCanceledErr
		return errDismissed
	}
	return fmt.Errorf("/usr/bin/security ends with status %d", e.ExitCode())
}
