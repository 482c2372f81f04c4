//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/testbed"
)

// noKeychain is row 6.
func noKeychain(t *trial) {
	for _, bus := range []struct{ name, address string }{
		{"no address", ""},
		{"an address to start one", "autolaunch:"},
		{"an address where nothing is", "unix:path=/nowhere/bus"},
		{"a bus without a service", keyringtest.StartBusAs(t, t.user()).Address},
	} {
		w := t.world()
		delete(w.Vars, "UNDERSTUDY_STORE")
		w.Vars["DBUS_SESSION_BUS_ADDRESS"] = bus.address
		launched := w.trap("dbus-launch")
		w.profiles(append(names("cold", t.size(5, 100)), actor)...)
		for _, name := range append(names("cold", t.size(5, 100)), actor) {
			o := w.ask(name)
			t.most("answer", o.Took)
			t.check(served(o))
			t.checkf(o.Took < 3*time.Second, "%s: an answer took %v", bus.name, o.Took)
		}
		d := w.status().Daemon
		t.checkf(d.Store == "memory" && d.StoreReason != "", "%s: status says store %q, %q", bus.name, d.Store, d.StoreReason)
		t.checkf(!launched(), "%s: dbus-launch was run", bus.name)
	}
}

// trap puts a program of that name first on PATH, and tells whether it was run.
func (w *world) trap(name string) (sprung func() bool) {
	dir := filepath.Join(w.Dir, "trap")
	trace := filepath.Join(w.Dir, "sprung")
	w.must(os.MkdirAll(dir, 0o755))
	w.must(os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n: > "+trace+"\n"), 0o755))
	w.give()
	w.Vars["PATH"] = dir + ":" + w.Vars["PATH"]
	return func() bool {
		_, err := os.Stat(trace)
		return err == nil
	}
}

// worker is the process that talks to the keychain for the daemon; 0 for none.
func (w *world) worker() int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", w.pid()))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for pid := range strings.FieldsSeq(string(text)) {
			if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); strings.Contains(string(line), "keychain-worker") {
				n := 0
				fmt.Sscan(pid, &n)
				return n
			}
		}
	}
	return 0
}

// storedWithin waits until every session is in the keychain.
func (w *world) storedWithin(limit time.Duration) time.Duration {
	return w.eventually(limit, "what was fetched is in the keychain", w.stored)
}

func (w *world) stored() bool {
	all := w.status().Sessions
	return len(all) > 0 && !slices.ContainsFunc(all, func(s testbed.SessionStatus) bool { return !s.Stored })
}

// took returns how long after since yes becomes true, or limit if it does not.
func (w *world) took(since time.Time, limit time.Duration, yes func() bool) time.Duration {
	for !yes() && time.Since(since) < limit {
		time.Sleep(10 * time.Millisecond)
	}
	return min(time.Since(since), limit)
}

// locked is the first half of row 7: a prompt that nobody answers.
func locked(t *trial) {
	w, fake := t.world().withFake(keyringtest.Mood{Locked: true})
	shown := fake.Shown()
	w.profiles(append(names("cold", 20), actor)...)
	first := w.warm()
	select {
	case <-shown:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody is asked to open the keychain")
	}
	asked := time.Now() // without the start of the daemon and its worker
	worker := w.worker()
	t.checkf(worker != 0, "a prompt is open and there is no worker")
	// Watched in parallel, because the rest of the row may outlast the prompt.
	left := make(chan time.Duration, 1)
	takenBack := make(chan time.Duration, 1)
	go func() { left <- w.took(asked, 90*time.Second, func() bool { return w.worker() != worker }) }()
	go func() {
		takenBack <- w.took(asked, 90*time.Second, func() bool { calls, _ := fake.Calls(); return calls["Dismiss"] == 1 })
	}()
	for range 10 {
		for _, o := range w.crowd(100, quickLimit, actor) {
			t.check(same(o, first))
		}
	}
	for _, name := range names("cold", 20) {
		o := w.ask(name)
		t.most("cold answer behind the prompt", o.Took)
		t.check(served(o))
	}
	w.cachedStays(actor)
	back, ended := <-takenBack, <-left
	t.most("prompt taken back after", back)
	t.checkf(back < 61*time.Second, "the prompt is taken back after %v, not at its deadline", back)
	t.checkf(ended > back-time.Second, "the worker with the prompt was replaced after %v", ended)
	t.checkf(ended < back+15*time.Second, "its worker ends only %v after the prompt", ended-back)
	for _, o := range w.crowd(100, quickLimit, actor) {
		t.check(same(o, first))
	}
	t.checkf(fake.Prompts() == 1, "%d prompts", fake.Prompts())
	t.worst("prompts", float64(fake.Prompts()), "")
}

// hanging is the second half of row 7: a service that is stopped.
func hanging(t *trial) {
	w, ring := t.world().withKeyring()
	w.profiles(actor, "cold", "next", "late")
	first := w.warm()
	w.storedWithin(10 * time.Second)
	w.eventually(15*time.Second, "the worker rests", func() bool { return w.worker() == 0 })
	ring.PauseService()
	wait := w.Begin(nil, w.Path("understudy-credentials"), "cold")
	var worker int
	w.eventually(3*time.Second, "a worker is asked", func() bool { worker = w.worker(); return worker != 0 })
	asked := time.Now() // the time before depends on how fast the machine starts the helper and the worker
	ended := make(chan time.Duration, 1)
	go func() { ended <- w.took(asked, 10*time.Second, func() bool { return w.worker() != worker }) }()
	w.cachedStays(actor)
	o := wait()
	w.judge(o, "cold", fetchLimit)
	t.check(served(o))
	t.most("cold answer meanwhile", o.Took)
	after := <-ended
	t.most("worker ended after", after)
	t.checkf(after < 4*time.Second, "the worker that hangs is ended after %v, not at its deadline", after)
	for _, o := range w.crowd(1000, quickLimit, actor, "cold") {
		t.check(served(o))
	}
	w.cachedStays(actor)
	t.check(same(w.quick(actor), first))
	ring.ResumeService()
	t.most("stored after", w.storedWithin(40*time.Second))
}

// unanswered is row 7.
func unanswered(t *trial) {
	t.parallel(map[string]func(*trial){"hanging": hanging, "locked": locked})
}

// lostBus is row 8.
func lostBus(t *trial) {
	n := t.size(100, 100)
	w, fake := t.world().withFake(keyringtest.Mood{Locked: true})
	w.profiles(append(names("cold", n), actor)...)
	w.start()
	pid := w.pid()
	for _, name := range names("cold", n) {
		shown := fake.Shown()
		wait := w.Begin(nil, w.Path("understudy-credentials"), name)
		select {
		case <-shown:
		case <-time.After(10 * time.Second):
			t.violate("%s: no prompt was opened: %s", name, w.log())
		}
		fake.Kill()
		o := wait()
		w.judge(o, name, fetchLimit)
		t.most("answer", o.Took)
		t.check(served(o))
		fake.Restart()
		fake.Serve()
	}
	t.checkf(w.pid() == pid, "the daemon was process %d and is %d", pid, w.pid())
	fake.Become(keyringtest.Mood{})
	t.check(served(w.ask(actor)))
	w.storedWithin(20 * time.Second)
}

// restartedBus is row 9.
func restartedBus(t *trial) {
	w, ring := t.world().withKeyring()
	n := t.size(10, 100)
	w.profiles(append(names("next", 2*n), actor)...)
	first := w.warm()
	w.storedWithin(10 * time.Second)
	for i, name := range names("next", 2*n) {
		if i%2 == 0 {
			ring.StartService(true)
		} else {
			ring.KillService()
			ring.Restart()
			ring.StartService(true)
		}
		// What goes to the keychain, and what comes out of it.
		t.check(served(w.ask(name)))
		t.most("stored after", w.storedWithin(5*time.Second))
		if i%5 == 4 {
			calls := w.assumed()
			w.again()
			t.check(same(w.ask(actor), first))
			t.checkf(w.assumed() == calls, "STS was asked for what is in the keychain")
		}
	}
}

// burst is row 10.
func burst(t *trial) {
	for range t.size(2, 20) {
		w, fake := t.world().withFake(keyringtest.Mood{})
		w.start()
		for _, o := range w.crowd(1000, quickLimit, actor) {
			t.check(served(o))
		}
		w.storedWithin(5*time.Second + t.breaker())
		calls, most := fake.Calls()
		// A read is one search. A write is one search for the old item, the write
		// itself, a search and a read to compare, and two searches for parts that
		// a crash may have left.
		want := map[string]int{"SearchItems": 5, "CreateItem": 1, "GetSecret": 1}
		for method, n := range calls {
			t.checkf(n <= want[method], "%s was called %d times, at most %d are needed", method, n, want[method])
		}
		t.checkf(most == 1, "%d calls at one time", most)
		t.worst("writes", float64(calls["CreateItem"]), "")
		t.worst("at one time", float64(most), "")
	}
	t.note("the two calls, one to read and one to write, are seen by the service as at most 5 searches, 1 write and 1 reading back")
}

// lies is row 11.
func lies(t *trial) {
	for _, lie := range []struct {
		name string
		mood keyringtest.Mood
	}{
		{"a write that is lost", keyringtest.Mood{LoseWrites: true}},
		{"another value comes back", keyringtest.Mood{Garble: true}},
		{"a prompt that was dismissed", keyringtest.Mood{AskToWrite: true, Prompt: keyringtest.Dismissed}},
		{"a prompt that says it was answered", keyringtest.Mood{AskToWrite: true, Prompt: keyringtest.Lied}},
	} {
		for range t.size(2, 20) {
			w, fake := t.world().withFake(lie.mood)
			w.start()
			first := w.ask(actor)
			t.check(served(first))
			w.eventually(8*time.Second, lie.name+" is found out", func() bool { return strings.Contains(w.log(), "the store is behind") })
			t.checkf(!w.session(actor).Stored, "%s: the session is said to be stored", lie.name)
			t.check(same(w.quick(actor), first))
			// What is not there is not served by the next daemon either.
			w.again()
			o := w.ask(actor)
			t.check(served(o))
			t.checkf(o.Stdout != first.Stdout, "%s: the next daemon has it from somewhere", lie.name)
			fake.Become(keyringtest.Mood{})
			t.most("stored after", w.storedWithin(70*time.Second))
			calls := w.assumed()
			w.again()
			t.check(same(w.ask(actor), o))
			t.checkf(w.assumed() == calls, "%s: STS was asked for what is in the keychain", lie.name)
		}
	}
}
