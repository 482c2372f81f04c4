package keychain

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
)

func TestAWorkerThatIsNoneOpensTheBreaker(t *testing.T) {
	for does, want := range map[string]error{"die": errWorker, "babble": errWorker, "hang": ErrTimeout} {
		t.Run(does, func(t *testing.T) {
			k := start(t, nil, Config{CallDeadline: 2 * time.Second}, ignoring+"="+does)
			if err := k.Set(t.Context(), "a", credential.NewSecret("x")); !errors.Is(err, want) {
				t.Fatalf("%v; want %v", err, want)
			}
			begin := time.Now()
			if _, ok, err := k.Get(t.Context(), "a"); ok || !errors.Is(err, want) {
				t.Errorf("ok %v, err %v; want the breaker's cause", ok, err)
			}
			if took := time.Since(begin); took > 100*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			if k.running() {
				t.Error("the worker is still there")
			}
		})
	}
}

func TestWithoutAWorkersProgramItSaysSo(t *testing.T) {
	for _, command := range [][]string{nil, {t.TempDir() + "/none"}} {
		k := New(Config{Command: command})
		if s := k.Probe(t.Context()); s.Available || s.Reason == "" {
			t.Errorf("%v: %+v", command, s)
		}
		k.Close()
	}
}

func TestACallersOwnContextEndsItsWaitAndNotTheCall(t *testing.T) {
	k := start(t, nil, Config{CallDeadline: time.Second}, ignoring+"=hang")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, _, err := k.Get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v; want the caller's deadline", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if k.refusal() != nil {
		t.Error("an impatient caller opened the breaker")
	}
}

func TestCloseEndsACallThatHangsAndRefusesTheNext(t *testing.T) {
	k := start(t, nil, Config{CallDeadline: time.Minute}, ignoring+"=hang")
	got := make(chan error, 1)
	go func() { got <- k.Set(context.Background(), "a", credential.NewSecret("x")) }()
	for !k.running() {
		time.Sleep(time.Millisecond)
	}
	k.Close()
	if err := <-got; err == nil {
		t.Error("a call that was cut short says it is done")
	}
	if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrClosed) {
		t.Errorf("%v; want ErrClosed", err)
	}
}

func TestAValueTooBigIsRefusedWithoutAWorker(t *testing.T) {
	k := New(Config{})
	if err := k.Set(t.Context(), "a", credential.NewSecret(strings.Repeat("x", maxValue+1))); !errors.Is(err, errTooBig) {
		t.Errorf("%v", err)
	}
}

// always is a gate that is open, and whose prompt nobody answers.
type always struct{}

func (always) check(context.Context) error { return nil }

func (always) unlock(ctx context.Context) error { <-ctx.Done(); return errUnheeded }

// stuck is items that never answer.
type stuck struct{ items }

func (stuck) get(string) (string, error) { select {} }

func TestTheWorkerEndsWhenItsInputDoes(t *testing.T) {
	for what, c := range map[string]struct {
		v    vault
		r    request
		soon bool
	}{
		"idle":                          {v: vault{always{}, shelf{newDrawer(), testLimit}}, soon: true},
		"with a prompt on the screen":   {v: vault{always{}, shelf{newDrawer(), testLimit}}, r: request{Op: opUnlock, Millis: 60_000}, soon: true},
		"while the keychain is hanging": {v: vault{always{}, shelf{stuck{}, testLimit}}, r: request{Op: opGet, Key: "a", Millis: 100}},
	} {
		t.Run(what, func(t *testing.T) {
			in, feed := io.Pipe()
			over := make(chan error, 1)
			go func() { over <- serve(t.Context(), in, io.Discard, c.v) }()
			if c.r.Op != "" {
				if err := json.NewEncoder(feed).Encode(c.r); err != nil {
					t.Fatal(err)
				}
			}
			feed.Close()
			select {
			case err := <-over:
				if c.soon && err != nil {
					t.Error(err)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("it goes on")
			}
		})
	}
}

func FuzzServe(f *testing.F) {
	f.Add(`{"op":"get","key":"a","ms":1000}`)
	f.Add(`{"op":"set","key":"a","value":"dmFsdWU=","ms":1000}` + "\n" + `{"op":"get","key":"a","ms":1000}`)
	f.Add(`{"op":"delete","key":"a"}` + "\n" + `{"op":"probe"}` + "\n" + `{"op":"none","ms":-1}`)
	f.Add("{")
	f.Fuzz(func(t *testing.T, lines string) {
		if strings.Contains(lines, opUnlock) {
			return // it would wait for a person
		}
		out, said := io.Pipe()
		go func() {
			_ = serve(t.Context(), strings.NewReader(lines), said, vault{always{}, shelf{newDrawer(), testLimit}})
			said.Close()
		}()
		answers := bufio.NewScanner(out)
		answers.Buffer(nil, maxLine)
		for answers.Scan() {
			var a answer
			if err := json.Unmarshal(answers.Bytes(), &a); err != nil {
				t.Errorf("%v: %q", err, answers.Bytes())
			}
		}
	})
}
