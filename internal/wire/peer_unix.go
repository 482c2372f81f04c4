//go:build linux || darwin

package wire

// Peer is the process at the other end.
func (c *Conn) Peer() (Peer, error) { return PeerOf(c.h.fd) }
