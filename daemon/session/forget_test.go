package session

import (
	"context"
	"testing"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

func TestForgetCountsASessionThatIsBeingRenewed(t *testing.T) {
	play(t, func(st *stage) {
		old := st.mustAsk("prod")
		st.Set(func() { st.Delay, st.Fault = 10*time.Second, sessiontest.ErrDown })
		time.Sleep(34 * time.Minute)
		for st.broker.Status()[0].State != status.Renewing {
			time.Sleep(100 * time.Millisecond)
		}
		if n, err := st.broker.Forget(context.Background(), "prod", false); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if got, _ := st.ask("prod"); got.AccessKeyID == old.AccessKeyID {
			t.Error("the forgotten session is served")
		}
	})
}

func TestForgottenSessionsDoNotComeBackWhileTheStoreIsSlow(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		st.Plan("a", "id-a")
		st.Plan("b", "id-b")
		before := map[string]string{"a": st.mustAsk("a").AccessKeyID, "b": st.mustAsk("b").AccessKeyID}
		time.Sleep(5 * time.Second)
		s.mu.Lock()
		s.delay = time.Second
		s.mu.Unlock()
		done := make(chan error)
		go func() { _, err := st.broker.Forget(context.Background(), "", true); done <- err }()
		time.Sleep(500 * time.Millisecond)
		st.mustAsk("a")
		st.mustAsk("b")
		if err := <-done; err != nil {
			t.Error(err)
		}
		for p, key := range before {
			if got := st.mustAsk(p).AccessKeyID; got == key {
				t.Errorf("%s: %s is served after it was forgotten", p, got)
			}
		}
	}, s.on(t, dir))
}

func TestRefusedSessionDoesNotComeBackWithTheNextDaemon(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		old := st.mustAsk("prod")
		time.Sleep(30 * time.Minute)
		s.mu.Lock()
		s.sick = context.DeadlineExceeded
		s.mu.Unlock()
		st.Set(func() { st.Fault = sessiontest.ErrDenied })
		time.Sleep(6 * time.Minute)
		st.ask("prod")
		time.Sleep(3 * time.Second)
		st.broker.Close()
		st.broker.cfg.Cache.Close(context.Background()) // cannot keep everything
		s.mu.Lock()
		s.sick = nil
		s.mu.Unlock()
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		st.open(s.on(t, dir))
		if got, err := st.ask("prod"); err == nil {
			t.Errorf("%q is served, refused was %q", got.AccessKeyID, old.AccessKeyID)
		}
	}, s.on(t, dir))
}

func TestForgetDropsSessionsAndSaysHowMany(t *testing.T) {
	play(t, func(st *stage) {
		st.Plan("two", "id-two")
		first := st.mustAsk("prod")
		st.mustAsk("two")
		if n, err := st.broker.Forget(context.Background(), "prod", false); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if _, err := st.broker.Forget(context.Background(), "prod", false); sessiontest.Code(err) != wire.UnknownProfile {
			t.Errorf("got %v", err)
		}
		if again := st.mustAsk("prod"); again.AccessKeyID == first.AccessKeyID {
			t.Error("a forgotten session is served")
		}
		if n, err := st.broker.Forget(context.Background(), "", true); n != 2 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
	})
}
