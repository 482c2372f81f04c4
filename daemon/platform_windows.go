package daemon

import "os"

var reloadSignals, dropSignals []os.Signal // Windows has neither

func restrictFiles() {} // files get the access list of their folder

func releaseStderr() error { return os.Stderr.Close() }
