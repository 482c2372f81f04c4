package place

// defaultSocket is below the home folder. macOS has no runtime folder that is the same
// for every program of a user: $TMPDIR is private, but differs between cron, launchd
// and a shell.
func defaultSocket() (string, error) { return underHome() }
