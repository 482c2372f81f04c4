package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"understudy/internal/testbed"
)

// place belongs to one user: a home with profiles, a socket, and the daemon
// that listens there.
type place struct {
	bed      *testbed.World
	program  *testbed.Program
	profiles int // p0, p1, ..., each with a role of its own

	daemon int    // process id; 0 if bench did not start it
	stop   func() // nil while no daemon is running
}

// newPlace makes a place whose sts answers at url. env may set where sessions are kept;
// the default is memory.
func (w *world) newPlace(name, url string, profiles int, env ...string) (p *place, err error) {
	err = w.program.Try(func() {
		bed := testbed.New(&w.program, filepath.Join(w.dir, name), filepath.Dir(w.helper))
		bed.Vars["PATH"] = "/usr/bin:/bin"
		for _, one := range env {
			key, value, _ := strings.Cut(one, "=")
			bed.Vars[key] = value
		}
		bed.Write(".aws/config", config(profiles, url))
		p = &place{bed: bed, program: &w.program, profiles: profiles}
		w.stops = append(w.stops, p.halt)
	})
	return p, err
}

// config is one profile per session that may be held, and the keys they are
// assumed with.
func config(profiles int, url string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sregion = eu-west-1\nendpoint_url = %s\n", testbed.UserKeys("profile base"), url)
	for i := range profiles {
		b.WriteString(testbed.Role(profileName(i), fmt.Sprintf("arn:aws:iam::123456789012:role/Bench%d", i), url))
	}
	return b.String()
}

// more adds profiles to the configuration.
func (p *place) more(text string) error {
	return p.program.Try(func() { p.bed.Append(".aws/config", text) })
}

func profileName(i int) string { return fmt.Sprintf("p%d", i) }

// env is all that the programs of this place see, the same for each.
func (p *place) env(more ...string) []string { return p.bed.Env(more...) }

// start runs a daemon here and returns when it listens.
func (p *place) start(ctx context.Context) error {
	cmd := exec.Command(p.bed.Path("understudy"), "daemon", "run")
	cmd.Env = p.env()
	stop, err := start(ctx, p.bed.Socket, cmd)
	if err != nil {
		return err
	}
	p.stop, p.daemon = stop, cmd.Process.Pid
	return nil
}

// halt ends the daemon of this place, whoever started it, and waits for that.
func (p *place) halt() {
	if p.stop != nil {
		p.stop()
		p.stop, p.daemon = nil, 0
		return
	}
	p.bed.Halt()
}

// blank ends the daemon and removes all that it would remember on disk.
func (p *place) blank() error {
	p.halt()
	return os.RemoveAll(filepath.Join(p.bed.Home, ".local"))
}
