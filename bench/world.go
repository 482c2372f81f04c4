package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"understudy/internal/sandbox"
)

// warmProfile is asked for in the race.
const warmProfile = "p0"

// world is where everything runs: a home of its own, a sandbox for STS, and
// one daemon.
type world struct {
	options            options
	dir, home, socket  string
	understudy, helper string // absolute
	sts                *sandbox.Server
	daemon             int      // process id; 0 with a stub
	stopDaemon         func()   // nil while none runs
	stops              []func() // of everything else, in the order of their start
}

func newWorld(ctx context.Context, o options) (w *world, err error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return nil, err
	}
	w = &world{
		options: o, sts: sandbox.New(),
		understudy: filepath.Join(bin, "understudy"), helper: filepath.Join(bin, "understudy-credentials"),
	}
	if _, err := os.Stat(w.helper); err != nil {
		return nil, fmt.Errorf("%w; make build first", err)
	}
	if w.dir, err = os.MkdirTemp("", "understudy-bench-"); err != nil {
		return nil, err
	}
	w.stops = append(w.stops, func() { os.RemoveAll(w.dir) })
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	w.home, w.socket = filepath.Join(w.dir, "home"), filepath.Join(w.dir, "run", "socket")
	if err := os.Mkdir(filepath.Dir(w.socket), 0o700); err != nil {
		return nil, err
	}
	url, err := w.serveSTS()
	if err != nil {
		return nil, err
	}
	if err := w.configure(url); err != nil {
		return nil, err
	}
	if o.stub {
		return w, w.startStub()
	}
	return w, w.startDaemon(ctx)
}

// close stops everything that was started, the last first.
func (w *world) close() {
	if w.stopDaemon != nil {
		w.stopDaemon()
	}
	w.stopDaemon = nil
	for i := len(w.stops) - 1; i >= 0; i-- {
		w.stops[i]()
	}
	w.stops = nil
}

// env is all that the programs see, the same for each.
func (w *world) env() []string {
	return []string{"HOME=" + w.home, "PATH=/usr/bin:/bin", "UNDERSTUDY_SOCKET=" + w.socket, "UNDERSTUDY_STORE=memory"}
}

func (w *world) serveSTS() (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: w.sts}
	done := make(chan struct{})
	go func() {
		server.Serve(listener)
		close(done)
	}()
	w.stops = append(w.stops, func() {
		server.Close()
		<-done
	})
	return "http://" + listener.Addr().String(), nil
}

// configure writes one profile, each with a role of its own, per session that
// will be held.
func (w *world) configure(url string) error {
	user := sandbox.Example()
	var b strings.Builder
	fmt.Fprintf(&b, "[profile base]\naws_access_key_id = %s\naws_secret_access_key = %s\nregion = eu-west-1\nendpoint_url = %s\n",
		user.AccessKeyID, user.Secret.Reveal(), url)
	for i := range w.options.sessions {
		fmt.Fprintf(&b, "\n[profile %s]\nregion = eu-west-1\nendpoint_url = %s\nunderstudy_role_arn = arn:aws:iam::123456789012:role/Bench%d\nunderstudy_source_profile = base\n",
			profileName(i), url, i)
	}
	folder := filepath.Join(w.home, ".aws")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "config"), []byte(b.String()), 0o600)
}

func profileName(i int) string { return fmt.Sprintf("p%d", i) }

// renew puts a daemon that remembers nothing in place of the one that runs.
func (w *world) renew(ctx context.Context) error {
	w.stopDaemon()
	w.stopDaemon = nil
	if err := os.RemoveAll(filepath.Join(w.home, ".local")); err != nil {
		return err
	}
	return w.startDaemon(ctx)
}

func (w *world) startDaemon(ctx context.Context) error {
	cmd := exec.Command(w.understudy, "daemon", "run")
	cmd.Env = w.env()
	stop, err := start(ctx, w.socket, cmd)
	if err != nil {
		return err
	}
	w.stopDaemon, w.daemon = stop, cmd.Process.Pid
	return nil
}
