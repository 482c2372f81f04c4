package sessionbus

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestTheBusIsFoundWhereTheUsersIs(t *testing.T) {
	dir := t.TempDir()
	if _, err := Address("", dir); !errors.Is(err, errNone) {
		t.Errorf("no socket: %v", err)
	}
	socket := filepath.Join(dir, "bus")
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Address("", dir); !errors.Is(err, errNone) {
		t.Errorf("a file in its place: %v", err)
	}
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, env := range []string{"", "autolaunch:"} {
		if got, err := Address(env, dir); got != "unix:path="+socket || err != nil {
			t.Errorf("%q: %q, %v", env, got, err)
		}
	}
	if got, err := Address("unix:abstract=/x", dir); got != "unix:abstract=/x" || err != nil {
		t.Errorf("the environment's: %q, %v", got, err)
	}
	if os.Getuid() == 0 { // only root can give a socket away
		if err := os.Chown(socket, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if _, err := Address("", dir); !errors.Is(err, errNone) {
			t.Errorf("another user's: %v", err)
		}
	}
}
