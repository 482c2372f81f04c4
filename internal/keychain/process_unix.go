//go:build unix

package keychain

import (
	"os"
	"os/exec"
	"syscall"
)

// detach puts the worker into a process group of its own: a Ctrl-C meant for
// the daemon must not cut its last writes short, and on macOS the library's own
// child processes can be ended with it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killTree ends p and what it started, unless it is known to have ended.
func killTree(p *os.Process) {
	if p.Kill() == nil {
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // gone already is as good
	}
}
