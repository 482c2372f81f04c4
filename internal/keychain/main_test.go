package keychain

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"
)

// The tests' worker is the test binary itself, told so by its environment.
const (
	asWorker = "KEYCHAIN_TEST_WORKER" // "system", or the limit of an item
	killAt   = "KEYCHAIN_TEST_KILL_AT"
	ignoring = "KEYCHAIN_TEST_WORKER_DOES" // "die", "hang", "babble"
)

func TestMain(m *testing.M) {
	if how := os.Getenv(asWorker); how != "" {
		os.Exit(work(how))
	}
	os.Exit(m.Run())
}

func work(how string) int {
	switch os.Getenv(ignoring) {
	case "die":
		return 1
	case "babble":
		fmt.Println("AKIAIOSFODNN7EXAMPLE is no answer")
		select {}
	case "hang":
		time.Sleep(time.Hour)
	}
	v := system()
	if limit, err := strconv.Atoi(how); err == nil {
		v.shelf.limit = limit
	}
	if n, err := strconv.Atoi(os.Getenv(killAt)); err == nil {
		v.shelf.items = &mortal{items: v.shelf.items, left: n}
	}
	if err := serve(context.Background(), os.Stdin, os.Stdout, v); err != nil {
		return 1
	}
	return 0
}

// mortal kills its process, as kill -9 does, before a step or right after it.
type mortal struct {
	items
	left int
}

func (m *mortal) step() {
	if m.left--; m.left < 0 {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
}

func (m *mortal) set(name, value string) error {
	m.step()
	err := m.items.set(name, value)
	m.step()
	return err
}

func (m *mortal) remove(name string) error {
	m.step()
	err := m.items.remove(name)
	m.step()
	return err
}

// start returns a Keychain over a worker with env and, where given, more of it.
func start(t *testing.T, env []string, c Config, more ...string) *Keychain {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.Command = []string{exe}
	c.Env = append(append([]string{asWorker + "=system"}, env...), more...)
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if c.CallDeadline == 0 {
		c.CallDeadline = 20 * time.Second // a machine under load is not what is tested
	}
	k := New(c)
	t.Cleanup(k.Close)
	return k
}

func (k *Keychain) running() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.worker != nil
}
