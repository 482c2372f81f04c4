package place

// macOS has no runtime folder that follows from the user alone: $TMPDIR is
// private, but cron and launchd see another one than a shell.
func defaultSocket() (string, error) { return underHome() }
