package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"understudy/internal/sandbox"
)

// place is one user's: a home with profiles, a socket, and the daemon that
// listens there.
type place struct {
	understudy   string // absolute
	home, socket string
	profiles     int      // p0, p1, ..., each with a role of its own
	store        []string // what the environment says of where sessions are kept

	daemon int    // process id; 0 where bench did not start it
	stop   func() // nil while none runs
}

// newPlace makes a place whose sts answers at url.
func (w *world) newPlace(name, url string, profiles int, store ...string) (*place, error) {
	dir := filepath.Join(w.dir, name)
	p := &place{
		understudy: w.understudy, home: filepath.Join(dir, "home"), socket: filepath.Join(dir, "run", "socket"),
		profiles: profiles, store: store,
	}
	if store == nil {
		p.store = []string{"UNDERSTUDY_STORE=memory"}
	}
	for _, folder := range []string{filepath.Join(p.home, ".aws"), filepath.Dir(p.socket)} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	w.stops = append(w.stops, p.halt)
	return p, os.WriteFile(filepath.Join(p.home, ".aws", "config"), []byte(p.config(url)), 0o600)
}

// config is one profile per session that may be held, and the keys they are
// assumed with.
func (p *place) config(url string) string {
	user := sandbox.Example()
	var b strings.Builder
	fmt.Fprintf(&b, "[profile base]\naws_access_key_id = %s\naws_secret_access_key = %s\nregion = eu-west-1\nendpoint_url = %s\n",
		user.AccessKeyID, user.Secret.Reveal(), url)
	for i := range p.profiles {
		fmt.Fprintf(&b, "\n[profile %s]\nregion = eu-west-1\nendpoint_url = %s\nunderstudy_role_arn = arn:aws:iam::123456789012:role/Bench%d\nunderstudy_source_profile = base\n",
			profileName(i), url, i)
	}
	return b.String()
}

// more adds profiles to the configuration.
func (p *place) more(text string) error {
	f, err := os.OpenFile(filepath.Join(p.home, ".aws", "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if end := f.Close(); err == nil {
		err = end
	}
	return err
}

func profileName(i int) string { return fmt.Sprintf("p%d", i) }

// env is all that the programs of this place see, the same for each.
func (p *place) env(more ...string) []string {
	env := []string{"HOME=" + p.home, "PATH=/usr/bin:/bin", "UNDERSTUDY_SOCKET=" + p.socket}
	return append(append(env, p.store...), more...)
}

// start runs a daemon here and returns when it listens.
func (p *place) start(ctx context.Context) error {
	cmd := exec.Command(p.understudy, "daemon", "run")
	cmd.Env = p.env()
	stop, err := start(ctx, p.socket, cmd)
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
	if _, err := os.Lstat(p.socket); err != nil {
		return // none runs
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.understudy, "daemon", "stop")
	cmd.Env = p.env()
	cmd.Run() // one that has gone meanwhile is as good
}

// blank ends the daemon and removes all that it would remember on disk.
func (p *place) blank() error {
	p.halt()
	return os.RemoveAll(filepath.Join(p.home, ".local"))
}
