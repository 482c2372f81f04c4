package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

const sshAddTitle = "ssh-add -l"

// sshAddRow is what everybody takes for instant: ssh-add asking a real
// ssh-agent for its one key.
func sshAddRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: sshAddTitle, note: "one key in a real ssh-agent"}
	paths := make(map[string]string)
	for _, name := range []string{"ssh-agent", "ssh-add", "ssh-keygen"} {
		path, err := onPath(name)
		if err != nil {
			return a, err
		}
		paths[name] = path
	}
	key, socket := filepath.Join(w.dir, "key"), filepath.Join(w.dir, "agent")
	if out, err := exec.CommandContext(ctx, paths["ssh-keygen"], "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", key).CombinedOutput(); err != nil {
		return a, fmt.Errorf("ssh-keygen: %w: %s", err, out)
	}
	stop, err := start(ctx, socket, exec.Command(paths["ssh-agent"], "-D", "-a", socket))
	if err != nil {
		return a, err
	}
	w.stops = append(w.stops, stop)
	env := append(w.env(), "SSH_AUTH_SOCK="+socket)
	add := command{path: paths["ssh-add"], args: []string{"-q", key}, env: env}
	if _, err := add.run(ctx); err != nil {
		return a, err
	}
	a.command = command{path: paths["ssh-add"], args: []string{"-l"}, env: env}
	out, err := a.command.run(ctx)
	if err == nil && strings.Count(string(out), "\n") != 1 {
		err = fmt.Errorf("the agent has not one key but: %s", out)
	}
	return a, err
}
