// Package prelude makes the helper's round trip before the Go runtime is there.
//
// What a warm helper costs is the start of Go itself: four fifths of a
// millisecond for memory, threads and the packages' own initialisation, against
// a tenth for the round trip. So the linker is told (scripts/build.sh, -E) to let
// the program begin in this package. It makes the most common round trip there
// is — one profile's name, the usual places, a daemon that has the session or soon
// will — with a dozen system calls, prints the answer and ends. Everything else it
// leaves to main: it then starts the Go runtime as though nothing had been, in the state
// that the kernel handed over, and main goes on with the connection that is open
// (see [Take]), or begins anew.
//
// It is a short cut and no second helper. It takes a call only when it is sure to
// do what main would do, and makes the same checks on the way: memory that others
// cannot read, a folder of this user's alone, a daemon of this user's. A program
// linked without it, or on a platform that has none, differs in time only.
//
// # Rules of this code
//
// Until the runtime is there nothing can be allocated, no stack can grow, nothing
// may panic, and no package has been initialised. So these files call nothing but
// each other and raw system calls, keep what they have in variables, and cut no
// slice whose bounds they have not looked at. A test walks the calls of the
// finished program and holds them to that, on each architecture.
package prelude

import "time"

// Left is what the prelude began and left to main.
type Left struct {
	FD      int           // a connection to this user's daemon, the request sent
	Read    []byte        // what came on it so far and was not understood
	Wait    time.Duration // for so long the daemon said to wait; 0 where it did not
	Silent  bool          // that is over, and nothing came
	Printed int           // bytes of the answer that are on standard output already
}
