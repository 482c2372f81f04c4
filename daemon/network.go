package daemon

import (
	"net"
	"strings"
)

// network names the network that this machine is on: the interfaces that are up
// and their addresses. On another network an issuer may be reachable again, so that
// no back-off outlasts a train's tunnel or the start of a VPN.
func network() string {
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
