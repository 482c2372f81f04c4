//go:build linux

package faults

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// frozen is row 24.
func frozen(t *trial) {
	w := t.world()
	w.profiles(actor, "cold")
	first := w.warm()
	w.signal(unix.SIGSTOP)
	for began := time.Now(); time.Since(began) < time.Duration(t.size(15, 60))*time.Second; {
		for _, o := range w.crowd(20, quickLimit, actor, "cold") {
			t.most("given up after", o.Took)
			t.check(refused(o, 5))
		}
	}
	w.signal(unix.SIGCONT)
	began := time.Now()
	for _, name := range []string{actor, "cold"} {
		t.check(served(w.ask(name)))
	}
	t.most("well after", time.Since(began))
	t.checkf(time.Since(began) < time.Second, "well only after %v", time.Since(began))
	t.check(same(w.quick(actor), first))
}

// misplaced is row 25.
func misplaced(t *trial) {
	listen := func(uid int, path string) error {
		var l net.Listener
		var err error
		t.as(uid, func() { l, err = net.Listen("unix", path) })
		if err == nil {
			os.Chmod(path, 0o777)
			go answerAll(l)
			t.Cleanup(func() { l.Close() })
		}
		return err
	}
	for name, replace := range map[string]func(w *world) error{
		"deleted":   func(w *world) error { return os.Remove(w.Socket) },
		"a file":    func(w *world) error { os.Remove(w.Socket); return os.WriteFile(w.Socket, nil, 0o600) },
		"a folder":  func(w *world) error { os.Remove(w.Socket); return os.Mkdir(w.Socket, 0o700) },
		"a symlink": func(w *world) error { os.Remove(w.Socket); return os.Symlink("/tmp/elsewhere", w.Socket) },
		"a stranger's listener": func(w *world) error {
			t.needRoot("another user")
			other := filepath.Join(t.TempDir(), "socket")
			if err := os.Chown(filepath.Dir(other), stranger, stranger); err != nil {
				return err
			}
			if err := listen(stranger, other); err != nil {
				return err
			}
			os.Remove(w.Socket)
			return os.Rename(other, w.Socket)
		},
		"a symlink to a stranger's": func(w *world) error {
			t.needRoot("another user")
			other := filepath.Join(t.TempDir(), "socket")
			if err := os.Chown(filepath.Dir(other), stranger, stranger); err != nil {
				return err
			}
			os.Chmod(filepath.Dir(other), 0o755)
			os.Remove(w.Socket)
			return firstError(listen(stranger, other), os.Symlink(other, w.Socket))
		},
		"folder 0777":         func(w *world) error { return os.Chmod(filepath.Dir(w.Socket), 0o777) },
		"folder a stranger's": func(w *world) error { return os.Lchown(filepath.Dir(w.Socket), stranger, stranger) },
		"folder a symlink":    func(w *world) error { return swap(filepath.Dir(w.Socket)) },
		"folder deleted":      func(w *world) error { return os.RemoveAll(filepath.Dir(w.Socket)) },
	} {
		for range t.size(2, 20) {
			w := t.world()
			w.warm()
			calls := w.assumed()
			t.must(replace(w))
			if strings.HasPrefix(name, "a f") || name == "a symlink" { // left by the user's own program
				t.must(os.Lchown(w.Socket, int(w.uid()), int(w.uid())))
			}
			began := time.Now()
			o := w.ask(actor)
			t.most("helper", o.Took)
			// Works again within a second, or says what is to be mended.
			switch {
			case o.Status == 0:
				t.checkf(time.Since(began) < time.Second+t.startUp(), "%s: works again after %v", name, time.Since(began))
			default:
				t.check(refused(o, 5, "hint: "))
			}
			w.mendRun()
			if err := served(w.ask(actor)); err != nil {
				t.check(fmt.Errorf("%s, mended: %w", name, err))
			}
			t.checkf(w.assumed() <= calls+2, "%s: %d calls to STS", name, w.assumed())
			w.eventually(10*time.Second, name+": the daemon that nobody finds leaves", func() bool {
				select {
				case <-w.daemon.done:
					return true
				default:
					return w.pid() == w.daemon.pid
				}
			})
			time.Sleep(100 * time.Millisecond) // one that has decided to leave is soon gone
		}
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// swap puts a symbolic link to a folder in its place.
func swap(dir string) error {
	return firstError(os.Rename(dir, dir+".real"), os.Symlink(dir+".real", dir))
}

// mendRun makes the socket's folder what it was, as the hint says.
func (w *world) mendRun() {
	dir := filepath.Dir(w.Socket)
	if st, err := os.Lstat(dir); err == nil && st.Mode().Type() == os.ModeSymlink {
		os.Remove(dir)
		os.Rename(dir+".real", dir)
	}
	if st, err := os.Lstat(w.Socket); err == nil && st.IsDir() {
		os.Remove(w.Socket)
	}
	w.must(os.MkdirAll(dir, 0o700))
	w.must(os.Chmod(dir, 0o700))
	w.must(os.Lchown(dir, int(w.uid()), int(w.uid())))
	if st, err := os.Lstat(w.Socket); err == nil && (st.Mode().Type() == os.ModeSymlink || st.Sys().(*syscall.Stat_t).Uid != w.uid()) {
		os.Remove(w.Socket)
	}
}

// answerAll gives everybody a session that nobody may take.
func answerAll(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		fmt.Fprintln(conn, `{"v":1,"credentials":{"Version":1,"AccessKeyId":"ASIAATTACKER","SecretAccessKey":"x","SessionToken":"y","Expiration":"2099-01-01T00:00:00Z"}}`)
		conn.Close()
	}
}

// strangers is row 26.
func strangers(t *trial) {
	t.needRoot("another user")
	w := t.world()
	first := w.warm()
	line := w.query(actor).Append(nil)
	dir := filepath.Dir(w.Socket)
	reached := 0
	modes := []os.FileMode{0o600, 0o666, 0o777, 0o622, 0o060, 0o006}
	n := t.size(2000, 10_000)
	t.must(os.Chmod(w.Dir, 0o711))
	for i, mode := range modes {
		t.must(os.Chmod(w.Socket, mode))
		t.must(os.Chmod(dir, []os.FileMode{0o711, 0o755}[i%2]))
		t.as(stranger, func() {
			for range n / len(modes) {
				conn, err := net.Dial("unix", w.Socket)
				if err != nil {
					t.check(nil) // the kernel keeps them out
					continue
				}
				reached++
				conn.SetDeadline(time.Now().Add(5 * time.Second))
				conn.Write(line)
				buf := make([]byte, 512)
				got, _ := conn.Read(buf)
				conn.Close()
				t.checkf(got == 0, "another user is answered %d bytes", got)
			}
		})
		// Root is another user too.
		if conn, err := net.Dial("unix", w.Socket); err == nil {
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			conn.Write(line)
			got, _ := conn.Read(make([]byte, 512))
			conn.Close()
			t.checkf(got == 0, "root is answered %d bytes", got)
		}
	}
	t.must(os.Chmod(w.Socket, 0o600))
	t.must(os.Chmod(dir, 0o700))
	t.worst("reached the daemon", float64(reached), "")
	t.check(same(w.quick(actor), first))
	if _, err := w.request(wire.Request{Op: wire.Status}, time.Second); err != nil {
		t.violate("its own user is not answered: %v", err)
	}
}
