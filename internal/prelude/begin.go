//go:build linux && (amd64 || arm64)

package prelude

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// entry is the program's first instruction where the linker is told so.
//
//lint:ignore U1000 the linker names it
func entry()

// What entry makes Go code believe in: a goroutine without a limit to its stack,
// and on amd64 the memory that a thread finds it by.
var (
	//lint:ignore U1000 entry names it
	goroutine [128]uint64
	//lint:ignore U1000 entry names it
	thread [2]uintptr
)

// begun is the one round trip of this process.
var begun trip

// begin is called by entry. It does not return where the answer was printed.
//
//lint:ignore U1000 entry calls it
func begin(stack unsafe.Pointer) {
	if lock() && begun.run(stack, unix.Stdout) {
		system(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0)
	}
}

// noCore is a limit of 0 for core files.
var noCore unix.Rlimit

// lock is lockdown.Apply. Where it fails main meets the same and says so.
func lock() bool {
	return system(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0, 0, 0, 0) >= 0 &&
		system(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_CORE, uintptr(unsafe.Pointer(&noCore)), 0, 0) >= 0
}

// Take hands over what the prelude began, once. ok is false where it did not come
// so far that anything is left.
func Take() (left Left, ok bool) {
	if begun.fd == 0 {
		return Left{}, false
	}
	left = Left{
		FD: begun.fd, Read: begun.buf[:begun.read:begun.read], Printed: begun.printed,
		Wait: time.Duration(begun.wait) * time.Second, Silent: begun.silent,
	}
	begun.fd = 0
	return left, true
}
