package daemon

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// parentOf returns the program that started process pid.
func parentOf(pid int) (int, string) {
	if pid <= 0 {
		return 0, ""
	}
	k, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, ""
	}
	parent := int(k.Eproc.Ppid)
	p, err := unix.SysctlKinfoProc("kern.proc.pid", parent)
	if err != nil {
		return parent, ""
	}
	name, _, _ := bytes.Cut(p.Proc.P_comm[:], []byte{0})
	return parent, string(name)
}
