package main

import (
	"fmt"
	"os"
	"testing"

	"understudy/internal/keychain/keyringtest"
)

// keyring starts a gnome-keyring on a bus of its own, as the tests have it, and
// returns what a program needs to find it.
func (w *world) keyring(inMemory bool) (env []string, err error) {
	s := &stage{}
	w.stops = append(w.stops, s.end)
	defer func() {
		if said, ok := recover().(gaveUp); ok {
			err = &absence{string(said)}
		}
	}()
	begin := keyringtest.Start
	if inMemory {
		begin = keyringtest.StartInMemory
	}
	k := begin(s)
	return []string{"UNDERSTUDY_STORE=keychain", "DBUS_SESSION_BUS_ADDRESS=" + k.Address}, nil
}

// stage is as much of a test as keyringtest needs, for a program. What a test
// would end with comes out of it as a panic.
type stage struct {
	testing.TB // of which nothing is there but what follows
	cleanups   []func()
}

type gaveUp string

func (s *stage) Helper() {}

func (s *stage) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *stage) end() {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
	s.cleanups = nil
}

func (s *stage) TempDir() string {
	dir, err := os.MkdirTemp("", "us-bench-")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (s *stage) Fatal(args ...any) { panic(gaveUp(fmt.Sprint(args...))) }

func (s *stage) Fatalf(format string, args ...any) { panic(gaveUp(fmt.Sprintf(format, args...))) }

func (s *stage) Skipf(format string, args ...any) { s.Fatalf(format, args...) }
