package socket

import (
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// watchAncestors sends an event when dir or a folder above it is moved or removed, or
// when anything is mounted or unmounted. At the end of a login session /run/user/UID
// is unmounted, without an event in dir itself. Other changes in those folders send
// no event. If the kernel cannot watch, there are none.
func watchAncestors(dir string) (events <-chan struct{}, stop func()) {
	moved := make(chan struct{}, 1)
	send := func() {
		select {
		case moved <- struct{}{}:
		default: // one is pending
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

// watchMoves watches whether dir or a folder above it is moved or removed. It skips
// folders that cannot be read.
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

// awaitMount waits until the table of mounts changes; it returns false when the file
// was closed.
func awaitMount(mounts *os.File) bool {
	conn, err := mounts.SyscallConn()
	if err != nil {
		return false
	}
	changed := false
	return conn.Read(func(uintptr) bool { // called again when the kernel reports a change
		defer func() { changed = true }()
		return changed
	}) == nil
}
