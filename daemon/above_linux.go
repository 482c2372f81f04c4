package daemon

import (
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// above has the kernel tell when a folder that dir stands in is moved, or when
// anything is mounted or unmounted: at the end of a login session /run/user/UID
// goes with everything below it, and nothing is heard in dir itself. What else
// goes on in those folders wakes nobody. Nil where the kernel does not tell.
func above(dir string) (events <-chan struct{}, stop func()) {
	told := make(chan struct{}, 1)
	tell := func() {
		select {
		case told <- struct{}{}:
		default: // one is on its way
		}
	}
	var listening sync.WaitGroup
	var open []*os.File
	if moves := watchMoves(dir); moves != nil {
		open = append(open, moves)
		listening.Go(func() {
			buf := make([]byte, 4096)
			for {
				if _, err := moves.Read(buf); err != nil {
					return // closed
				}
				tell()
			}
		})
	}
	if mounts, err := os.Open("/proc/self/mountinfo"); err == nil {
		open = append(open, mounts)
		listening.Go(func() {
			for awaitMount(mounts) {
				tell()
			}
		})
	}
	return told, func() {
		for _, f := range open {
			f.Close()
		}
		listening.Wait()
	}
}

// watchMoves watches dir and each folder above it for its own move or end. One
// that may not be read is left out.
func watchMoves(dir string) *os.File {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil
	}
	for ; ; dir = filepath.Dir(dir) {
		unix.InotifyAddWatch(fd, dir, unix.IN_MOVE_SELF|unix.IN_DELETE_SELF)
		if dir == filepath.Dir(dir) {
			return os.NewFile(uintptr(fd), "inotify")
		}
	}
}

// awaitMount returns true when the table of mounts has changed, and false when
// its file was closed.
func awaitMount(mounts *os.File) bool {
	conn, err := mounts.SyscallConn()
	if err != nil {
		return false
	}
	changed := false
	return conn.Read(func(uintptr) bool { // again when the kernel has news of the file
		defer func() { changed = true }()
		return changed
	}) == nil
}
