//go:build linux && (amd64 || arm64)

package prelude

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// entry is the program's first instruction if it is linked with -E (scripts/build.sh).
//
//lint:ignore U1000 the linker uses it
func entry()

// entry uses these to run Go code: a zeroed g, whose stack has no limit, and on
// amd64 the memory in which a thread finds its g.
var (
	//lint:ignore U1000 entry uses it
	goroutine [128]uint64
	//lint:ignore U1000 entry uses it
	thread [2]uintptr
)

// off in the environment turns the prelude off: entry compares each variable with
// it, then goes to the runtime without a system call.
//
//lint:ignore U1000 entry uses it
var off = "UNDERSTUDY_PRELUDE=0\x00"

// begun is the one round trip of this process.
var begun trip

// begin is called by entry. It does not return if it printed the answer.
//
//lint:ignore U1000 entry calls it
func begin(stack unsafe.Pointer) {
	if lock() && begun.run(stack, unix.Stdout) {
		system(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0)
	}
}

// noCore is a limit of 0 for core files.
var noCore unix.Rlimit

// lock does what lockdown.Apply does. If it fails, main fails too, and reports it.
func lock() bool {
	return system(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0, 0, 0, 0) >= 0 &&
		system(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_CORE, uintptr(unsafe.Pointer(&noCore)), 0, 0) >= 0
}

// Take returns the round trip that the prelude left to main. ok is false if the
// prelude sent no request, and on each further call.
func Take() (left Left, ok bool) {
	if begun.fd == 0 {
		return Left{}, false
	}
	left = Left{
		FD: begun.fd, Read: begun.buf[:begun.read:begun.read], Printed: begun.printed,
		Wait: time.Duration(begun.wait) * time.Second, TimedOut: begun.timedOut,
	}
	begun.fd = 0
	return left, true
}
