package source

// IsOurs reports whether the command line of a credential_process runs
// understudy: that is how SDKs reach us.
func IsOurs(command string) bool { return ourOwn(command) }
