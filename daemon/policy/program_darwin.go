package policy

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// ppidOf returns the parent of a process; 0 if it is unknown.
func ppidOf(pid int) int {
	_, parent := programOf(pid)
	return parent
}

// programOf reads the name and the parent of a process; "" if it has ended.
func programOf(pid int) (name string, parent int) {
	if pid <= 0 {
		return "", 0
	}
	k, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", 0
	}
	comm, _, _ := bytes.Cut(k.Proc.P_comm[:], []byte{0})
	return string(comm), int(k.Eproc.Ppid)
}
