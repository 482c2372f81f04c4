package socket

import (
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// watchAncestors sends an event when a folder above dir is moved, or when anything
// is mounted or unmounted: at the end of a login session /run/user/UID is removed
// with everything below it, without an event in dir itself. Other changes in those
// folders send none. The events are nil if the kernel cannot watch.
func watchAncestors(dir string) (events <-chan struct{}, stop func()) {
	moved := make(chan struct{}, 1)
	send := func() {
		select {
		case moved <- struct{}{}:
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
				send()
			}
		})
	}
	if mounts, err := os.Open("/proc/self/mountinfo"); err == nil {
		open = append(open, mounts)
		listening.Go(func() {
			for awaitMount(mounts) {
				send()
			}
		})
	}
	return moved, func() {
		for _, f := range open {
			f.Close()
		}
		listening.Wait()
	}
}

// watchMoves watches dir and each folder above it for being moved or removed. A
// folder that may not be read is left out.
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

// awaitMount returns true when the table of mounts has changed, and false when its
// file was closed.
func awaitMount(mounts *os.File) bool {
	conn, err := mounts.SyscallConn()
	if err != nil {
		return false
	}
	changed := false
	return conn.Read(func(uintptr) bool { // again when the kernel reports a change of the file
		defer func() { changed = true }()
		return changed
	}) == nil
}
