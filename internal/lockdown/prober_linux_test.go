package lockdown

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// beTarget says where its secret is and how it is protected, and lives until
// its standard input ends.
func beTarget() {
	secret := []byte("canaryEXAMPLE")
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	var core unix.Rlimit
	if err := errors.Join(err, unix.Getrlimit(unix.RLIMIT_CORE, &core)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%d dumpable %d core %d of %d\n", uintptr(unsafe.Pointer(&secret[0])), dumpable, core.Cur, core.Max)
	io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(&secret)
	os.Exit(0)
}

const granted = "granted"

// ways are those into a process of the same user that need no help from it.
var ways = map[string]func(pid int, address uintptr) error{
	"mem": func(pid int, address uintptr) error {
		f, err := os.Open(proc(pid, "mem"))
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.ReadAt(make([]byte, 1), int64(address))
		return err
	},
	"maps":    func(pid int, _ uintptr) error { return readable(proc(pid, "maps")) },
	"environ": func(pid int, _ uintptr) error { return readable(proc(pid, "environ")) },
	"fd":      func(pid int, _ uintptr) error { _, err := os.ReadDir(proc(pid, "fd")); return err },
	"exe":     func(pid int, _ uintptr) error { _, err := os.Readlink(proc(pid, "exe")); return err },
	"ptrace": func(pid int, _ uintptr) error {
		runtime.LockOSThread() // the tracer is a thread
		defer runtime.UnlockOSThread()
		if err := unix.PtraceAttach(pid); err != nil {
			return err
		}
		var status unix.WaitStatus
		_, err := unix.Wait4(pid, &status, unix.WALL, nil)
		return errors.Join(err, unix.PtraceDetach(pid))
	},
	"process_vm_readv": func(pid int, address uintptr) error {
		var b [1]byte
		local := []unix.Iovec{{Base: &b[0], Len: 1}}
		_, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: address, Len: 1}}, 0)
		return err
	},
	"pidfd_getfd": func(pid int, _ uintptr) error {
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			return fmt.Errorf("pidfd_open: %w", err)
		}
		defer unix.Close(fd)
		got, err := unix.PidfdGetfd(fd, 0, 0)
		if err == nil {
			unix.Close(got)
		}
		return err
	},
}

func proc(pid int, name string) string { return fmt.Sprintf("/proc/%d/%s", pid, name) }

func readable(path string) error {
	b, err := os.ReadFile(path)
	if err == nil && len(b) == 0 {
		return errors.New("empty")
	}
	return err
}

// probeAll tries every way into the process and prints a line about each: the
// bare word of the kernel, or granted.
func probeAll(process, at string) {
	pid, err1 := strconv.Atoi(process)
	address, err2 := strconv.ParseUint(at, 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		fmt.Println(err)
		return
	}
	for name, try := range ways {
		err := try(pid, uintptr(address))
		var errno syscall.Errno
		switch {
		case err == nil:
			fmt.Printf("%s: %s\n", name, granted)
		case errors.As(err, &errno):
			fmt.Printf("%s: %s\n", name, errno)
		default:
			fmt.Printf("%s: %v\n", name, err)
		}
	}
}
