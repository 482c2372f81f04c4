package main

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// startStub answers on the daemon's socket with one session of the usual
// size, at once and without a look at the request: what remains is the
// helper's own time.
func (w *world) startStub() error {
	answer := wire.AppendCredentials(nil, (&credential.Session{
		AccessKeyID:     "ASIAIOSFODNN7EXAMPLE",
		SecretAccessKey: credential.NewSecret(strings.Repeat("s", 40)),
		SessionToken:    credential.NewSecret(strings.Repeat("t", 356)),
		Expiration:      time.Now().Add(time.Hour),
		AccountID:       "123456789012",
	}).AppendProcessJSON)
	listener, err := net.Listen("unix", w.bed.Socket)
	if err != nil {
		return err
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(wire.ReadTimeout))
				if _, err := bufio.NewReader(conn).ReadSlice('\n'); err == nil {
					conn.Write(answer)
				}
			})
		}
	})
	w.stops = append(w.stops, func() {
		listener.Close()
		conns.Wait()
	})
	return nil
}
