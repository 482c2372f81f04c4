package daemon

import "io"

// Options are what the command line of `understudy daemon run` says.
type Options struct {
	// Detached says that another program started the daemon: it logs to the state
	// folder, and closes standard error when it is ready.
	Detached bool
	// ConfigFile and CredentialsFile are trusted in addition to the user's own; ""
	// names none.
	ConfigFile, CredentialsFile string

	Version string
	Stderr  io.Writer // of a daemon in the foreground, for its log
}
