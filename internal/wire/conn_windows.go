package wire

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"

	"understudy/internal/place"
)

// handle is a named pipe opened as a file. It has no read timeout, so a
// timer cancels the pending call.
type handle struct{ h windows.Handle }

func dial(path string, _ time.Duration) (handle, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return handle{}, err
	}
	// SECURITY_IDENTIFICATION: the other end may learn who calls, not act as us.
	const flags = windows.SECURITY_SQOS_PRESENT | windows.SECURITY_IDENTIFICATION
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, flags, 0)
	switch {
	case errors.Is(err, windows.ERROR_FILE_NOT_FOUND):
		return handle{}, ErrNotRunning
	case errors.Is(err, windows.ERROR_PIPE_BUSY):
		return handle{}, ErrBusy
	case err != nil:
		return handle{}, &os.PathError{Op: "connect to", Path: path, Err: err}
	}
	if err := checkServer(h, path); err != nil {
		windows.CloseHandle(h)
		return handle{}, err
	}
	return handle{h}, nil
}

// checkServer makes sure that the process that made the pipe is this user's.
func checkServer(h windows.Handle, path string) error {
	var pid uint32
	if err := windows.GetNamedPipeServerProcessId(h, &pid); err != nil {
		return os.NewSyscallError("GetNamedPipeServerProcessId", err)
	}
	theirs, err := userOf(pid)
	if err != nil {
		return err
	}
	ours, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return err
	}
	if !windows.EqualSid(theirs.User.Sid, ours.User.Sid) {
		return fmt.Errorf("the daemon at %s belongs to another user: %w", path, place.ErrForeign)
	}
	return nil
}

func userOf(pid uint32) (*windows.Tokenuser, error) {
	p, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return nil, os.NewSyscallError("OpenProcess", err)
	}
	defer windows.CloseHandle(p)
	var t windows.Token
	if err := windows.OpenProcessToken(p, windows.TOKEN_QUERY, &t); err != nil {
		return nil, os.NewSyscallError("OpenProcessToken", err)
	}
	defer t.Close()
	return t.GetTokenUser()
}

func (h *handle) write(b []byte) error {
	for len(b) > 0 {
		var n uint32
		err := h.bounded(ReadTimeout, func() error { return windows.WriteFile(h.h, b, &n, nil) })
		if errors.Is(err, windows.ERROR_NO_DATA) || errors.Is(err, windows.ERROR_BROKEN_PIPE) {
			return ErrClosed
		}
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// read returns 0 bytes and no error at the end of the stream.
func (h *handle) read(b []byte, timeout time.Duration) (int, error) {
	var n uint32
	err := h.bounded(timeout, func() error { return windows.ReadFile(h.h, b, &n, nil) })
	if errors.Is(err, windows.ERROR_BROKEN_PIPE) {
		return 0, nil
	}
	return int(n), err
}

func (h *handle) bounded(timeout time.Duration, call func() error) error {
	if timeout <= 0 {
		return ErrSilent
	}
	t := time.AfterFunc(timeout, func() { windows.CancelIoEx(h.h, nil) })
	defer t.Stop()
	err := call()
	if errors.Is(err, windows.ERROR_OPERATION_ABORTED) {
		return ErrSilent
	}
	return err
}

func (h *handle) close() error { return windows.CloseHandle(h.h) }
