package testbed

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// PID returns the process that listens on a socket; 0 if none does.
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

// Gone waits for the end of a process, and reports whether it ended in time. A daemon
// whose starter has ended is a child of this process if this is a subreaper;
// otherwise another process reaps it, or leaves it a zombie.
func Gone(pid int, within time.Duration) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); got == pid {
			return true
		} else if err != nil {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil || bytes.Contains(stat, []byte(") Z ")) {
				return true
			}
		}
	}
	return false
}

// PID returns the process of the world's daemon; 0 if none listens.
func (w *World) PID() int { return PID(w.Socket) }

// Kill ends the daemon without a warning and waits until it is gone.
func (w *World) Kill() {
	w.t.Helper()
	pid := w.PID()
	if pid == 0 {
		w.t.Fatal("there is no daemon to kill")
	}
	w.must(syscall.Kill(pid, syscall.SIGKILL))
	if !Gone(pid, 5*time.Second) {
		w.t.Fatal("the daemon does not end within 5 s of SIGKILL")
	}
}

// Halt stops the world's daemon. The error reports that it had to be killed.
func (w *World) Halt() error {
	pid := w.PID()
	if pid == 0 {
		return nil
	}
	syscall.Kill(pid, syscall.SIGTERM)
	if Gone(pid, 5*time.Second) {
		return nil
	}
	syscall.Kill(pid, syscall.SIGKILL)
	Gone(pid, 5*time.Second)
	return errors.New("the daemon does not end within 5 s of SIGTERM")
}
