package launch

import (
	"math"

	"golang.org/x/sys/unix"
)

// keepFiles keeps what this process was given by whoever started it from the
// daemon. One that lived on in there, such as the end of a pipe, would keep
// others waiting for as long as the daemon runs.
func keepFiles() {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	for fd := 3; fd < 1024; fd++ { // a kernel before 5.11
		unix.CloseOnExec(fd)
	}
}
