//go:build linux

package faults

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// versions is row 34.
func versions(t *trial) {
	w := t.world()
	w.warm()
	// Helpers of other versions, as far as the daemon can tell.
	files := fmt.Sprintf(`"config_file":%q,"credentials_file":%q`, w.Home+"/.aws/config", w.Home+"/.aws/credentials")
	for name, frame := range map[string]string{
		"older":                     `{"v":0,"op":"credentials","profile":"actor",` + files + `}`,
		"newer":                     `{"v":2,"op":"credentials","profile":"actor",` + files + `}`,
		"without a version":         `{"op":"credentials","profile":"actor",` + files + `}`,
		"with a field more":         `{"v":1,"op":"credentials","profile":"actor","shortcut":true,` + files + `}`,
		"with a field less":         `{"v":1,"op":"credentials","profile":"actor"}`,
		"with a verb more":          `{"v":1,"op":"raw-keys","profile":"actor",` + files + `}`,
		"with a field of a newer v": `{"v":2,"op":"status","trust":["/tmp/config"]}`,
	} {
		for range t.size(3, 30) {
			var line string
			t.asGuest(func() { line = w.say(frame) })
			var reply struct {
				Error *struct{ Code, Message, Hint string }
			}
			err := json.Unmarshal([]byte(line), &reply)
			t.checkf(err == nil && reply.Error != nil && reply.Error.Code != "" && reply.Error.Message != "" && reply.Error.Hint != "",
				"a helper %s is not told what is the matter: %q", name, line)
		}
	}
	// Daemons of other versions, as far as the helper can tell.
	w.stop()
	good := `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"x","SessionToken":"y","Expiration":"2099-01-01T00:00:00Z"}`
	for name, answer := range map[string]string{
		"newer":                  `{"v":2,"credentials":` + good + `}`,
		"newer, refusing":        `{"v":2,"error":{"code":"newly-invented","message":"no","hint":"ask another","more":"to come"}}`,
		"of another shape":       `{"v":1,"session":` + good + `}`,
		"with two values":        `{"v":1,"credentials":` + good + `} {}`,
		"that cuts its answer":   `{"v":1,"credentials":` + good[:40],
		"that says nothing":      ``,
		"that sends a long line": `{"v":1,"credentials":{"a":"` + strings.Repeat("x", 70<<10) + `"}}`,
		"that is none":           "HTTP/1.1 400 Bad Request\r",
	} {
		stop := w.pose(answer)
		for range t.size(3, 30) {
			o := w.quick(actor)
			t.checkf(o.Status != 0 && o.Stdout == "", "a daemon %s: status %d, stdout %.60q", name, o.Status, o.Stdout)
		}
		stop()
	}
	w.start()
	t.check(served(w.ask(actor)))
	t.note("there is one version of the protocol so far; the others are made up, each line as a later or an earlier one might send it")
}

// say sends one line and returns the last one that comes back. The caller must be
// the world's user.
func (w *world) say(line string) (last string) {
	conn, err := net.Dial("unix", w.Socket)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintln(conn, line)
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		last = lines.Text()
	}
	return last
}

// pose listens in the daemon's place as the world's user, and answers every
// request with one line.
func (w *world) pose(answer string) (stop func()) {
	var l net.Listener
	var err error
	w.asGuest(func() { l, err = net.Listen("unix", w.Socket) })
	w.must(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			bufio.NewReaderSize(conn, wire.MaxLine).ReadString('\n')
			if answer != "" {
				fmt.Fprintln(conn, answer)
			}
			conn.Close()
		}
	}()
	return func() {
		l.Close()
		<-done
	}
}

// replaced is row 39.
func replaced(t *trial) {
	w, _ := t.world().withKeyring()
	// A place of its own for the binaries: they are replaced.
	own := filepath.Join(w.Dir, "bin")
	t.must(os.Mkdir(own, 0o755))
	install := func() {
		for _, name := range []string{"understudy", "understudy-credentials"} {
			// By another program: a process that this one starts while it has the file
			// open for writing would keep it open, and the file could not be run.
			out, err := exec.Command("install", "-m", "755", filepath.Join(t.bin, name), filepath.Join(own, name+".new")).CombinedOutput()
			if err != nil {
				t.Fatalf("install: %s", out)
			}
			t.must(os.Rename(filepath.Join(own, name+".new"), filepath.Join(own, name)))
		}
	}
	install()
	w.Bin = own
	first := w.warm()
	w.storedWithin(10 * time.Second)
	end := w.load(first.Stdout)
	for n := range t.size(20, 20) {
		install()
		if n%2 == 1 { // some restart the daemon, as a package's script does, others do not
			w.people("daemon", "restart")
		}
		time.Sleep(time.Duration(t.size(100, 3000)) * time.Millisecond)
	}
	end()
	w.daemon = nil
	t.checkf(w.pid() != 0, "there is no daemon")

	// A daemon of an older version finds what a newer one wrote.
	w.people("daemon", "stop")
	index := filepath.Join(w.state(), "sessions.json")
	text, err := os.ReadFile(index)
	t.must(err)
	newer := strings.Replace(string(text), `"version":1`, `"version":2`, 1)
	t.checkf(newer != string(text), "the index has no version")
	t.must(os.WriteFile(index, []byte(newer), 0o600))
	w.start()
	for range t.size(5, 50) {
		t.check(served(w.ask(actor)))
	}
	w.signal(unix.SIGTERM)
	w.gone(5 * time.Second)
	now, err := os.ReadFile(index)
	t.must(err)
	t.checkf(string(now) == newer, "what a newer version wrote is written over")
	w.start()
}
