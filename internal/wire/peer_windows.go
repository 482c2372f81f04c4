package wire

import (
	"os"

	"golang.org/x/sys/windows"
)

// Peer is the process at the other end. Its UID means nothing here: Dial has
// compared the users.
func (c *Conn) Peer() (Peer, error) {
	var pid uint32
	if err := windows.GetNamedPipeServerProcessId(c.h.h, &pid); err != nil {
		return Peer{}, os.NewSyscallError("GetNamedPipeServerProcessId", err)
	}
	return Peer{PID: int(pid)}, nil
}
