package lockdown

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Apply refuses debuggers and forbids core files.
func Apply() error {
	if _, _, e := unix.Syscall6(unix.SYS_PTRACE, unix.PT_DENY_ATTACH, 0, 0, 0, 0, 0); e != 0 {
		return fmt.Errorf("refuse debuggers: %w", e)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core files: %w", err)
	}
	return nil
}
