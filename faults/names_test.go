//go:build linux

package faults

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
	"understudy/internal/testbed"

	"golang.org/x/sys/unix"
)

const stsName = "sts.faults.test"

// nameService is the only name server of an enclave. It knows one name, and can
// be told to keep silent or to lie.
type nameService struct {
	*trial
	in     *enclave
	ca     *testbed.Authority
	hang   atomic.Bool
	lie    atomic.Bool
	asked  atomic.Int64 // questions for an IPv4 address
	misled atomic.Int64 // connections to where the lie points
}

const (
	truthful = "127.0.0.1"
	liar     = "127.0.0.2"
)

// names makes an enclave with a network and a name server of its own.
func (t *trial) names() *nameService {
	n := &nameService{trial: t, ca: testbed.NewAuthority(t)}
	n.in = t.enclose("a network of its own", unix.CLONE_NEWNET|unix.CLONE_NEWNS)
	t.must(n.in.loopback(true))
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	t.must(os.WriteFile(conf, []byte("nameserver 127.0.0.1\n"), 0o644))
	t.must(os.Chmod(filepath.Dir(conf), 0o755))
	var conn net.PacketConn
	var err error
	n.in.do(func() {
		if err = unix.Mount(conf, "/etc/resolv.conf", "", unix.MS_BIND, ""); err == nil {
			conn, err = net.ListenPacket("udp", "127.0.0.1:53")
		}
	})
	t.must(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.serve(conn)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return n
}

// serve answers questions until conn is closed.
func (n *nameService) serve(conn net.PacketConn) {
	buf := make([]byte, 512)
	for {
		size, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer := n.answer(buf[:size]); answer != nil {
			conn.WriteTo(answer, from)
		}
	}
}

// answer makes the reply to one question; nil is none.
func (n *nameService) answer(q []byte) []byte {
	end := 12
	for end < len(q) && q[end] != 0 {
		end += int(q[end]) + 1
	}
	if end += 5; end > len(q) {
		return nil
	}
	const v4 = 1
	kind := int(q[end-4])<<8 | int(q[end-3])
	if kind == v4 {
		n.asked.Add(1)
	}
	if n.hang.Load() {
		return nil
	}
	reply := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
	if kind == v4 {
		address := net.ParseIP(truthful)
		if n.lie.Load() {
			address = net.ParseIP(liar)
		}
		reply[7] = 1
		reply = append(reply, 0xc0, 12, 0, v4, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, address.To4()...)
	}
	return reply
}

// overdue is trial.overdue for an actor whose STS goes by the name, over TLS.
// Where the lie points, somebody else answers at the same port.
func (n *nameService) overdue() (*world, string) {
	w := n.world()
	w.in = n.in
	var good, bad net.Listener
	var err error
	n.in.do(func() {
		if good, err = net.Listen("tcp", truthful+":0"); err == nil {
			_, port, _ := net.SplitHostPort(good.Addr().String())
			bad, err = net.Listen("tcp", net.JoinHostPort(liar, port))
		}
	})
	n.must(err)
	_, port, _ := net.SplitHostPort(good.Addr().String())
	until := time.Now().Add(time.Hour)
	w.StopSTS()
	w.StopSTS = testbed.Serve(n.trial, tls.NewListener(good, n.ca.Server(until, stsName)), w.STS)
	testbed.Serve(n.trial, tls.NewListener(counted{bad, &n.misled}, testbed.NewAuthority(n.trial).Server(until, stsName)), http.NotFoundHandler())
	w.URL = fmt.Sprintf("https://%s:%s", stsName, port)
	w.write("ca.pem", string(n.ca.PEM()))
	w.Vars["UNDERSTUDY_CA_BUNDLE"] = filepath.Join(w.Home, "ca.pem")
	w.profiles(actor)
	w, _ = w.withKeyring()
	o := w.warm()
	w.storedWithin(10 * time.Second)
	w.aged(42 * time.Minute)
	return w, o.Stdout
}

// counted counts the connections it accepts.
type counted struct {
	net.Listener
	n *atomic.Int64
}

func (c counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}
