package daemon

import "io"

// Options are the options of `understudy daemon run`.
type Options struct {
	// Detached says that another program started the daemon: it logs to the state
	// folder, and closes standard error when it is ready.
	Detached bool
	// ConfigFile and CredentialsFile are trusted in addition to the user's own files;
	// "" means none.
	ConfigFile, CredentialsFile string

	Version string
	Stderr  io.Writer // of a daemon in the foreground, for its log
}
