package main

import (
	"bufio"
	"net"
	"testing"
)

// On a busy machine a turn of a few milliseconds can be over before a client
// has run at all; what it took is still needed for the row.
func TestEveryClientMakesARoundTripHoweverShortTheTurn(t *testing.T) {
	t.Chdir(t.TempDir()) // a short path: sockets have a limit
	const socket = "s"
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(conn).ReadBytes('\n')
			conn.Write(line)
			conn.Close()
		}
	}()
	echo := target{socket: socket, lines: [][]byte{[]byte("x\n")}, good: func([]byte) bool { return true }}
	took, err := echo.pound(t.Context(), 3, 0)
	if err != nil || len(took) != 3 {
		t.Errorf("%d round trips, %v", len(took), err)
	}
}
