package aws

import (
	"errors"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
)

func TestCausesThatLoopbackCannotHave(t *testing.T) {
	for want, err := range map[string]error{
		"sts.test is unreachable":                      &url.Error{Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}},
		"the name sts.test was not found":              &url.Error{Err: &net.OpError{Op: "dial", Err: &net.DNSError{Name: "sts.test", IsNotFound: true}}},
		"the name sts.test could not be looked up":     &net.DNSError{Name: "sts.test", Err: "server misbehaving"},
		"the proxy to sts.test refused the connection": &net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}},
		"no connection to sts.test":                    errors.New(`invalid proxy address "http://alice:hunter2@proxy"`),
	} {
		if got := networkCause(err, "sts.test"); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
