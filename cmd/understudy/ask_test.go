//go:build linux || darwin

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/wire"
)

// standIn answers requests as a daemon does, one a connection, with what answer
// returns for each line. The socket is this test's own.
func standIn(t *testing.T, answer func(line string) []byte) {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	if len(path) > 100 {
		t.Skip("the temp folder's name is too long for a socket")
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(conn).ReadString('\n')
			conn.Write(answer(line))
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	t.Setenv("UNDERSTUDY_SOCKET", path)
}

func TestStatusPutsThePagesTogether(t *testing.T) {
	standIn(t, func(line string) []byte {
		var r wire.Request
		json.Unmarshal([]byte(line), &r)
		page := fmt.Sprintf(`{"daemon":{"pid":7,"new":true},"sessions":[{"n":%d},{"n":%d}],"more":%v}`, r.Skip, r.Skip+1, r.Skip < 4)
		return wire.AppendResult(nil, []byte(page))
	})
	got, err := askStatus()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(got)
	// What this version does not know goes through as well.
	if want := `{"daemon":{"pid":7,"new":true},"sessions":[{"n":0},{"n":1},{"n":2},{"n":3},{"n":4},{"n":5}]}`; string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestStatusEndsThoughADaemonPromisesMoreForEver(t *testing.T) {
	standIn(t, func(string) []byte {
		return wire.AppendResult(nil, []byte(`{"daemon":{"pid":7},"sessions":[],"more":true}`))
	})
	if got, err := askStatus(); err != nil || len(got.Sessions) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnAnswerOfAnotherVersionIsRefusedWithWhatToDo(t *testing.T) {
	for _, body := range []string{`[]`, `{"daemon":7}`, `{"daemon":{"pid":"x"}}`, `{"daemon":{},"sessions":[7]}`} {
		standIn(t, func(string) []byte { return wire.AppendResult(nil, []byte(body)) })
		_, err := look()
		e, ok := errors.AsType[*wire.Error](err)
		if !ok || e.Code != wire.NoDaemon || !strings.Contains(e.Hint, "restart") {
			t.Errorf("%s: %v", body, err)
		}
	}
}
