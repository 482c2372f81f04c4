package launch

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

const binaryName = "understudy.exe"

// keepFiles has nothing to do: Go hands a child the handles it is told to and no
// others.
func keepFiles() {}

// lockDir is the user's own temp folder: the pipe stands in none.
func lockDir(string) string { return os.TempDir() }

func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP,
	}
}

func isProgram(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// tryLock takes the lock at path without waiting; ours says whether it got it.
func tryLock(path string) (f *os.File, ours bool, err error) {
	f, err = os.OpenFile(path+".understudy.lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return f, true, nil
	}
	f.Close()
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		err = nil
	}
	return nil, false, err
}
