//go:build linux

package keyringtest

import (
	"maps"
	"sync"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
)

// Mood is what a Fake does that no real service can be made to do. The zero
// Mood is a service that works.
type Mood struct {
	Locked     bool          // until a prompt is answered with Unlock
	Prompt     Answer        // to every prompt
	After      time.Duration // the answer to a prompt comes
	AskToWrite bool          // each write opens a prompt of its own
	AskToRead  bool          // so does each read
	LoseWrites bool          // a write says it is done and is not
	Garble     bool          // a read returns another value
	Refuse     string        // D-Bus error of every write, quoting what was to be written
}

// Answer is what becomes of a prompt.
type Answer int

const (
	Ignored   Answer = iota // nobody answers
	Unlocked                // the person gives the password
	Dismissed               // the person says no
	Lied                    // it says it was answered, and nothing was done
)

// Fake is a small Secret Service with one collection, login.
type Fake struct {
	*Bus
	conn *dbus.Conn

	mu      sync.Mutex
	mood    Mood
	items   map[dbus.ObjectPath]fakeItem
	prompts int
	calls   map[string]int // by method
	serving int            // of them, now
	most    int            // that were served at one time
	shown   chan struct{}  // closed when the next prompt is shown
}

type fakeItem struct {
	attributes map[string]string
	value      []byte
}

const (
	fakeRoot    = "/org/freedesktop/secrets"
	fakeLogin   = dbus.ObjectPath(fakeRoot + "/collection/login")
	fakeSession = dbus.ObjectPath(fakeRoot + "/session/s1")
	fakePrompt  = dbus.ObjectPath(fakeRoot + "/prompt/p1")
	noPath      = dbus.ObjectPath("/")
)

// StartFake starts a bus with a Fake on it; both end with the test.
func StartFake(t T, m Mood) *Fake { return StartFakeAs(t, nil, m) }

// StartFakeAs is StartFake on the bus of another user, which takes root.
func StartFakeAs(t T, as *syscall.Credential, m Mood) *Fake {
	t.Helper()
	f := &Fake{Bus: StartBusAs(t, as), mood: m, items: map[dbus.ObjectPath]fakeItem{}, calls: map[string]int{}, shown: make(chan struct{})}
	f.Serve()
	t.Cleanup(func() { _ = f.conn.Close() })
	return f
}

// Serve puts the Fake on the bus, again after a Restart of the bus.
func (f *Fake) Serve() {
	f.t.Helper()
	conn, err := dbus.Connect(f.Address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	f.conn = conn
	f.mu.Unlock()
	for _, e := range []struct {
		object any
		path   dbus.ObjectPath
		iface  string
	}{
		{fakeService{f}, fakeRoot, "org.freedesktop.Secret.Service"},
		{fakeProperties{f}, fakeRoot, "org.freedesktop.DBus.Properties"},
		{fakeProperties{f}, fakeLogin, "org.freedesktop.DBus.Properties"},
		{fakeCollection{f}, fakeLogin, "org.freedesktop.Secret.Collection"},
		{fakeClosable{}, fakeSession, "org.freedesktop.Secret.Session"},
		{fakePrompter{f}, fakePrompt, "org.freedesktop.Secret.Prompt"},
	} {
		if err := conn.Export(e.object, e.path, e.iface); err != nil {
			f.t.Fatal(err)
		}
	}
	if _, err := conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil {
		f.t.Fatal(err)
	}
}

// Become changes what it does from now on.
func (f *Fake) Become(m Mood) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mood = m
}

// Change replaces the value of every item, as damage does, or another program.
func (f *Fake) Change(change func(value []byte) []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for path, item := range f.items {
		f.items[path] = fakeItem{item.attributes, change(item.value)}
	}
}

// Prompts is how many were shown so far.
func (f *Fake) Prompts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.prompts
}

// Calls returns how often each method that searches, reads, writes or removes
// items or takes a prompt back was called, and how many of these calls were under
// way at one time.
func (f *Fake) Calls() (byMethod map[string]int, most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.calls), f.most
}

// serve counts a call until the function it returns is called.
func (f *Fake) serve(method string) (served func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[method]++
	f.serving++
	f.most = max(f.most, f.serving)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.serving--
	}
}

// Shown is closed when the next prompt is.
func (f *Fake) Shown() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown
}

func (f *Fake) now() Mood {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mood
}

// find returns the paths of the items with at least these attributes.
func (f *Fake) find(want map[string]string) []dbus.ObjectPath {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := []dbus.ObjectPath{}
	for path, item := range f.items {
		if maps.Equal(item.attributes, want) {
			found = append(found, path)
		}
	}
	return found
}

// answer ends a prompt after its time, unless nobody does.
func (f *Fake) answer() {
	m := f.now()
	f.mu.Lock()
	f.prompts++
	close(f.shown)
	f.shown = make(chan struct{})
	conn := f.conn
	f.mu.Unlock()
	if m.Prompt == Ignored {
		return
	}
	time.AfterFunc(m.After, func() {
		result := []dbus.ObjectPath{}
		if m.Prompt == Unlocked {
			f.mu.Lock()
			f.mood.Locked = false
			f.mu.Unlock()
			result = append(result, fakeLogin)
		}
		// A bus that is gone by now needs no answer.
		_ = conn.Emit(fakePrompt, "org.freedesktop.Secret.Prompt.Completed", m.Prompt == Dismissed, dbus.MakeVariant(result))
	})
}
