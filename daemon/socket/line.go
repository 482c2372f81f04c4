package socket

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"time"

	"understudy/internal/wire"
)

// buffers are pooled buffers for a request and then its answer. With a large heap the
// garbage collector runs rarely, so new buffers would always be cold in the CPU's
// caches.
var buffers = sync.Pool{New: func() any { return new([2048]byte) }}

var errTooLong = fmt.Errorf("the request is longer than %d bytes", wire.MaxLine)

// readLine reads up to the first newline, into buf if that is large enough. A buffer
// that it allocates is at most four times the bytes received, and never larger than
// wire.MaxLine. It wipes what it does not return, which may hold a caller's own
// credentials.
func readLine(conn net.Conn, buf []byte) ([]byte, error) {
	buf = buf[:0]
	for {
		n, err := conn.Read(buf[len(buf):cap(buf)])
		seen := len(buf)
		buf = buf[:seen+n]
		if i := bytes.IndexByte(buf[seen:], '\n'); i >= 0 {
			return buf[:seen+i], nil
		}
		if err == nil && len(buf) >= wire.MaxLine {
			err = errTooLong
		}
		if err != nil {
			clear(buf)
			return nil, err
		}
		if len(buf) == cap(buf) {
			outgrown := buf
			buf = append(make([]byte, 0, min(4*cap(buf), wire.MaxLine)), buf...)
			clear(outgrown)
		}
	}
}

// reply writes a line to conn. It ignores errors: the caller may have ended.
func reply(conn net.Conn, line []byte) {
	conn.SetWriteDeadline(time.Now().Add(wire.ReadTimeout))
	conn.Write(line)
}
