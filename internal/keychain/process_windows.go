package keychain

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach keeps the worker off the daemon's Ctrl-C and opens no console for it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
}

// killTree ends p; on Windows the worker starts nothing.
func killTree(p *os.Process) { _ = p.Kill() } // gone already is as good
