package lockdown

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Apply makes the process not dumpable and forbids core files. Not dumpable
// also hands /proc/PID's mem, maps, environ, fd and exe to root and refuses
// ptrace, process_vm_readv and pidfd_getfd to other programs of the user.
func Apply() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("make the process not dumpable: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core files: %w", err)
	}
	return nil
}
