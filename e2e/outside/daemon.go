//go:build linux

package outside

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// PID is the process that listens on a socket; 0 when none does.
func PID(socket string) int {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return 0
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	raw.Control(func(fd uintptr) {
		if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(peer.Pid)
		}
	})
	return pid
}

// Gone waits for the end of a daemon. One whose starter has ended is a child of
// this process, the parent of orphans; where it is not, signal 0 tells.
func Gone(pid int, within time.Duration) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); got == pid {
			return true
		} else if err != nil && syscall.Kill(pid, 0) != nil {
			return true
		}
	}
	return false
}

// Status is what understudy status --json says, as far as it is judged.
type Status struct {
	Daemon struct {
		PID         int
		Version     string
		Store       string
		StoreReason string `json:"store_reason"`
		ClockSkewS  int    `json:"clock_skew_s"`
	}
	Sessions []SessionStatus
}

// SessionStatus is its part about one session.
type SessionStatus struct {
	Profiles  []string
	RoleARN   string `json:"role_arn"`
	State     string
	ExpiresAt time.Time `json:"expires_at"`
	RenewAt   time.Time `json:"renew_at"`
	Uses      int
	Fetches   int
	Stored    bool
	LastError *struct{ Code, Message string } `json:"last_error"`
}
