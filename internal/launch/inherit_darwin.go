package launch

import "golang.org/x/sys/unix"

// keepFiles keeps what this process was given by whoever started it from the
// daemon. One that lived on in there, such as the end of a pipe, would keep
// others waiting for as long as the daemon runs.
func keepFiles() {
	for fd := 3; fd < 1024; fd++ {
		unix.CloseOnExec(fd)
	}
}
