package daemon

import (
	"net"
	"strings"

	"understudy/internal/credential"
)

// Network names where this machine is: its interfaces that are up and their
// addresses. Under another name what was out of reach may be in reach, so that
// after a train's tunnel, or with the VPN up, nobody waits out a back-off.
func Network() string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		b.WriteString(i.Name)
		addresses, _ := i.Addrs() // one that has just gone has none
		for _, a := range addresses {
			b.WriteString(" " + a.String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (s *Server) where() string {
	if s.cfg.Network == nil {
		return ""
	}
	return s.cfg.Network()
}

// cutOff reports whether e is left alone for no better reason than that its
// issuer was out of reach: it did not say itself how long to wait.
func (e *entry) cutOff(now credential.Moment) bool {
	return e.failure != nil && !e.failure.Final() && e.failure.RetryAfter == 0 && e.resting(now) > 0
}

// arrive ends the rest where the machine is not where it was for the try that
// led to it.
func (e *entry) arrive(where string) {
	if where != e.where {
		e.where, e.failures, e.restFor = where, 0, 0
	}
}
