// Command echo is the least a Go server can do on a unix socket: it reads the
// one line of a connection and sends it back.
//
//	echo SOCKET
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: echo SOCKET")
		return 2
	}
	listener, err := net.Listen("unix", args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		return 1
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "echo:", err)
			return 1
		}
		go echo(conn)
	}
}

func echo(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 4096)
	for have := 0; have < len(buf); {
		n, err := conn.Read(buf[have:])
		have += n
		if bytes.IndexByte(buf[have-n:have], '\n') >= 0 {
			conn.Write(buf[:have])
			return
		}
		if err != nil {
			return
		}
	}
}
