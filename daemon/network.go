package daemon

import (
	"net"
	"strings"
)

// network names the network that this machine is on: the interfaces that are up and
// their addresses. When it changes, as after a tunnel or when a VPN is up, an issuer
// may be reachable again, so a back-off ends; "" if it is unknown.
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
		addresses, _ := i.Addrs() // fails if the interface has just disappeared
		for _, a := range addresses {
			b.WriteString(" " + a.String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}
