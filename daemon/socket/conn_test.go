package socket

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"understudy/internal/credential"
)

// recorder keeps the slice that was written last.
type recorder struct {
	net.Conn
	wrote []byte
}

func (h *recorder) Write(b []byte) (int, error) {
	h.wrote = b
	return h.Conn.Write(b)
}

func TestAnAnswerIsWipedFromMemoryOnceItIsSent(t *testing.T) {
	for name, token := range map[string]string{"as ever": "made-up-too", "longer than its buffer": strings.Repeat("made-up-too/", 1000)} {
		play(t, func(st *stage) {
			p := st.Plan("prod", "id-prod")
			p.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
				s, err := st.Issue(ctx, "id-prod")
				s.SessionToken = credential.NewSecret(token)
				return s, err
			}
			client, server := net.Pipe()
			conn := &recorder{Conn: server}
			got := make(chan []byte, 1)
			go func() {
				io.WriteString(client, askProd)
				all, _ := io.ReadAll(client)
				got <- all
			}()
			st.serve(conn)
			if answer := <-got; !bytes.Contains(answer, []byte(token)) {
				t.Fatalf("%s: not answered, %d bytes", name, len(answer))
			}
			if written := conn.wrote[:cap(conn.wrote)]; len(written) < len(token) || bytes.Trim(written, "\x00") != nil {
				t.Errorf("%s: of %d bytes some are still there", name, len(written))
			}
		})
	}
}
