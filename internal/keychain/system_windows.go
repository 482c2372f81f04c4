package keychain

import (
	"errors"
	"fmt"
	"syscall"
)

// itemLimit is under the 2,560 bytes of a credential's blob.
const itemLimit = 2500

func system() vault {
	l := library{explain: explain}
	return vault{gate: open{items: l}, shelf: shelf{items: l, limit: itemLimit}}
}

// explain names the system's error by its number. Without a logon session, in a
// service or over ssh, there is no credential manager.
func explain(err error) error {
	e, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return errors.New("the credential manager's answer makes no sense")
	}
	if e == 1312 { // ERROR_NO_SUCH_LOGON_SESSION
		return fmt.Errorf("%w: this logon has no credential manager", ErrAbsent)
	}
	return fmt.Errorf("the credential manager refuses: error %d", uintptr(e))
}
