package wire

// Code says in one word why a request got no credentials. It stands on the
// wire, and decides the helper's exit status; both are part of the contract
// with users and never change meaning.
type Code string

const (
	Usage          Code = "usage"           // the arguments are wrong
	LoginNeeded    Code = "login-needed"    // a person must act first
	Denied         Code = "denied"          // STS refused for good
	BadConfig      Code = "bad-config"      // the configuration is wrong
	UnknownProfile Code = "unknown-profile" // no such profile in the files
	NoDaemon       Code = "no-daemon"       // not reached, not started, or not understood
	Temporary      Code = "temporary"       // STS throttled, down or unreachable
)

// Stopping is the message of a daemon that ends before it has the answer, with the
// code Temporary. It never changes: a helper asks the next daemon when it reads it.
const Stopping = "the daemon is stopping"

// ExitStatus is the helper's exit status for c. A code this build does not
// know (from a newer daemon) counts as NoDaemon: the two do not understand
// each other.
func (c Code) ExitStatus() int {
	switch c {
	case Usage:
		return 2
	case LoginNeeded:
		return 3
	case Denied, BadConfig, UnknownProfile:
		return 4
	case Temporary:
		return 6
	}
	return 5
}
