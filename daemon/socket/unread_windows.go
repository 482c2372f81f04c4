package socket

import "net"

// hasUnreadInput always returns false: it is not implemented for named pipes.
func hasUnreadInput(net.Conn) bool { return false }
