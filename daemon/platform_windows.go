package daemon

import "os"

var reloadSignals, dropSignals []os.Signal // Windows has neither

func restrictFiles() {} // files inherit the access list of their folder

func releaseStderr() error { return os.Stderr.Close() }
