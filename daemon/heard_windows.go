package daemon

import "net"

// heard is not known here: a pipe does not tell what waits in it.
func heard(net.Conn) bool { return false }
