// Package prelude makes the helper's round trip before the Go runtime starts.
//
// Most of the time of a helper that gets a session from the daemon's memory is the
// start of Go itself: memory, threads and the initialisation of packages. So on
// Linux the program can be linked to begin in this package (scripts/build.sh, -E).
// The prelude makes the most common round trip: one profile name, the usual paths,
// a daemon that has the session or will have it soon. It takes seventeen
// or eighteen system calls, prints the answer and exits. Everything else it leaves
// to main: it starts the Go runtime in the state in which the kernel started the
// program, and main continues on the open connection (see [Take]) or starts again.
//
// It is a short cut, not a second helper. It handles a call only if it does
// exactly what main would do, and makes the same checks: memory that others cannot
// read, a folder that belongs to this user alone, a daemon of this user. A program
// linked without the prelude, or on another platform, does the same in more time.
//
// # Go versions
//
// The prelude relies on details of Go that no Go release promises; docs/design.md
// lists them. scripts/build.sh links it in only for the versions of Go in
// goversions.txt, on which the tests of this package and of the helper have passed.
//
// # Leaving it out
//
// The environment variable PRELUDE=0 leaves it out of a build. UNDERSTUDY_PRELUDE=0
// makes a helper that has it go straight to the runtime.
//
// # Rules of this code
//
// Before the runtime starts nothing can be allocated, no stack can grow, nothing
// can panic, and no package is initialised. So these files call each other and raw
// system calls only, keep their data in variables, and slice nothing without a
// check of the bounds. Of other packages they use constants only. A test walks the
// calls of the linked program and checks this, on each architecture.
//
// No sanitizer works before the runtime starts: with -race, -msan, -asan or
// -d=checkptr a program that begins here dies of SIGSEGV. It must not be linked so.
package prelude

import "time"

// Left is a round trip that the prelude began and left to main.
type Left struct {
	FD       int           // the connection to the daemon; the request is sent
	Read     []byte        // what the daemon sent, as far as the prelude did not handle it
	Wait     time.Duration // of the daemon's last Wait reply; 0 if it sent none
	TimedOut bool          // Wait has passed without an answer
	Printed  int           // bytes of the answer that are on standard output already
}
