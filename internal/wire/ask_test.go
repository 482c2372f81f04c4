//go:build linux || darwin

package wire

import (
	"net"
	"testing"
	"time"
)

// The question was answered elsewhere while this program made up its mind.
func TestAReplyThatCameBeforeTheAnswerWasSentIsNotLost(t *testing.T) {
	gone := make(chan struct{})
	path := serve(t, func(c *net.UnixConn) {
		takeRequest(c)
		c.Write(AppendAsk(nil, Ask{ID: "1", Kind: AskCode, Text: "MFA code"}))
		c.Write(appendCredentials(nil, []byte(`{"Version":1}`)))
		c.Close()
		close(gone)
	})
	late := func(a Ask, _ *Conn) (Answer, bool) {
		<-gone
		return Answer{ID: a.ID, Pass: true}, true
	}
	got, err := dialed(t, Dialer{Path: path, Answer: late}).Do(Request{Op: Credentials, Profile: "prod"}, 5*time.Second)
	if err != nil || string(got.Body) != `{"Version":1}` {
		t.Errorf("%+v, %v", got, err)
	}
}
