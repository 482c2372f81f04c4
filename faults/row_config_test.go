//go:build linux

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/testbed"
)

// edits is row 37: the configuration is rewritten while helpers ask.
func edits(t *trial) {
	w := t.world()
	first := w.warm()
	path := filepath.Join(w.Home, ".aws", "config")
	good := w.config
	end := w.load(first.Stdout)
	kinds := []struct {
		name string
		make func() error
	}{
		{"one profile more", func() error { w.write(".aws/config", good+w.profile("more")); return nil }},
		{"half written", func() error { w.write(".aws/config", good+"\n[profile torn\nunderstudy_role_"); return nil }},
		{"broken", func() error { w.write(".aws/config", good+"\x00\x01\xff[[[\n= = =\n"); return nil }},
		{"10 MB", func() error {
			w.write(".aws/config", good+strings.Repeat("# nothing to see here\n", 10<<20/22))
			return nil
		}},
		{"a symlink loop", func() error { return firstError(os.Remove(path), os.Symlink(path, path)) }},
		{"a fifo", func() error { return firstError(os.Remove(path), unix.Mkfifo(path, 0o600)) }},
		{"unreadable", func() error { return os.Chmod(path, 0) }},
		{"a folder", func() error { return firstError(os.Remove(path), os.Mkdir(path, 0o700)) }},
		{"gone", func() error { return os.Remove(path) }},
	}
	n, began := t.size(150, 10_000), time.Now()
	for i := range n {
		kind := kinds[i%len(kinds)]
		if kind.name == "10 MB" && i > 60 && i%10 != 0 {
			continue // each costs a second of reading
		}
		if err := kind.make(); err != nil {
			t.violate("%s: %v", kind.name, err)
		}
		time.Sleep(10 * time.Millisecond)
		os.RemoveAll(path)
		// As editors save: beside it, then in its place.
		w.write(".aws/config.new", good)
		t.must(os.Rename(path+".new", path))
	}
	t.most("all edits", time.Since(began))
	t.worst("edits", float64(n), "")
	end()
	t.check(same(w.quick(actor), first))
	t.checkf(w.assumed() == 1, "%d calls to STS for a profile that nobody touched", w.assumed())
}

// changed is row 38.
func changed(t *trial) {
	w, _ := t.world().withKeyring()
	first := w.warm()
	old := roleOf(w, first)
	for n := range t.size(20, 200) {
		w.config = "[profile base]\nregion = us-east-1\n" + strings.Replace(w.profile(actor), roleARN+actor, fmt.Sprintf("%sother%d", roleARN, n), 1)
		w.write(".aws/config", w.config)
		o := w.ask(actor)
		t.check(served(o))
		t.checkf(roleOf(w, o) != old, "the session of the old role is served after a change")
		if n%5 == 4 {
			w.again()
			t.checkf(roleOf(w, w.ask(actor)) != old, "the next daemon serves the old role")
		}
		old = roleOf(w, o)

		w.config = "[profile base]\nregion = us-east-1\n"
		w.write(".aws/config", w.config)
		t.check(refused(w.quick(actor), 4, actor))
	}
}

// roleOf is the key of an answer; each session of the sandbox has its own.
func roleOf(w *world, o testbed.Outcome) string {
	k, err := o.Served()
	if err != nil {
		w.check(err)
	}
	return k.AccessKeyID
}

// outputs is row 40: a helper that cannot write its output, or whose profile
// names the helper itself.
func outputs(t *trial) {
	w := t.world()
	first := w.warm()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	t.must(err)
	defer full.Close()
	for range t.size(5, 50) {
		// A descriptor that the shell closes before the helper starts is /dev/null
		// to a Go program: the answer is lost, but no reader waits for it.
		for _, redirect := range []string{">&-", ">&- 2>&-", "2>&-", ">/dev/full", ">/dev/full 2>&1", "</dev/null >&- <&-"} {
			o := w.Begin(nil, "sh", "-c", `exec "$0" "$1" `+redirect, w.Path("understudy-credentials"), actor)()
			t.most("output", o.Took)
			lost := strings.Contains(redirect, "full")
			t.checkf(o.Took < quickLimit+t.startUp() && o.Status >= 0 && (o.Status != 0) == lost, "%s: status %d after %v", redirect, o.Status, o.Took)
			w.search("what stands on standard error", o.Stderr)
		}
		t.check(w.fullPipe())
	}
	// An environment of 100 KiB, and values that are long.
	o := w.asked(quickLimit, func(cmd *exec.Cmd) {
		for i := range 100 {
			cmd.Env = append(cmd.Env, fmt.Sprintf("LONG_%d=%s", i, strings.Repeat("x", 1024)))
		}
	}, actor)
	t.check(same(o, first))

	// A profile that names itself, by the helper and by its source.
	loop := fmt.Sprintf("\n[profile self]\ncredential_process = %s self\n\n[profile circle]\nunderstudy_role_arn = %scircle\nunderstudy_source_profile = circle\n\n[profile ring]\nunderstudy_credential_process = %s ring\n", w.Path("understudy-credentials"), roleARN, w.Path("understudy-credentials"))
	w.write(".aws/config", w.config+loop)
	for _, name := range []string{"self", "circle", "ring"} {
		o := w.quick(name)
		t.most("names itself", o.Took)
		t.check(refused(o, 4))
	}
	if count := w.processes(); count > 3 {
		t.violate("%d processes of understudy are left", count)
	}
}

// fullPipe is nil when a helper whose reader does not read ends, with a status.
func (w *world) fullPipe() error {
	r, p, err := os.Pipe()
	w.must(err)
	defer r.Close()
	fd := int(p.Fd()) // which makes it block; so once
	w.must(unix.SetNonblock(fd, true))
	for {
		if _, err := unix.Write(fd, make([]byte, 4096)); err != nil {
			break // it is full
		}
	}
	w.must(unix.SetNonblock(fd, false))
	o := w.Begin(func(cmd *exec.Cmd) { cmd.Stdout = p }, w.Path("understudy-credentials"), actor)()
	p.Close()
	w.most("full pipe", o.Took)
	if o.Status == 0 || o.Took > quickLimit+w.startUp() {
		return fmt.Errorf("with a pipe that is full: status %d after %v", o.Status, o.Took)
	}
	return nil
}

// processes counts those that run one of the binaries.
func (w *world) processes() (n int) {
	lines, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, line := range lines {
		if environ, _ := os.ReadFile(line); strings.Contains(string(environ), w.Socket) {
			n++
		}
	}
	return n
}

// unwritten is row 41.
func unwritten(t *trial) {
	for what, spoil := range map[string]func(path string) error{
		"a folder":         func(path string) error { return firstError(os.Remove(path), os.Mkdir(path, 0o700)) },
		"a fifo":           func(path string) error { return firstError(os.Remove(path), unix.Mkfifo(path, 0o600)) },
		"another's":        func(path string) error { return firstError(os.Lchown(path, stranger, stranger), os.Chmod(path, 0o600)) },
		"a link to a disk": func(path string) error { return firstError(os.Remove(path), os.Symlink("/dev/full", path)) },
	} {
		w := t.world()
		if what == "another's" && !t.root {
			continue
		}
		w.warm()
		path := filepath.Join(w.state(), "access.log")
		w.eventually(5*time.Second, "somebody's asking is recorded", func() bool { st, err := os.Stat(path); return err == nil && st.Size() > 0 })
		w.stop()
		t.must(spoil(path))
		said := w.logged()
		w.start()
		first := w.ask(actor)
		t.check(served(first))
		for range t.size(50, 500) {
			t.check(same(w.quick(actor), first))
		}
		w.trips(actor, 2000) // more than the log has room for
		w.eventually(2*time.Second, what+": it is said", func() bool { return strings.Contains(w.since(said), "who asks is not recorded") })
		t.checkf(strings.Count(w.since(said), "who asks is not recorded") == 1, "%s: it is said %d times", what, strings.Count(w.since(said), "who asks is not recorded"))
	}
}
