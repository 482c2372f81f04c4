package daemon

import (
	"context"
	"testing"
	"time"

	"understudy/internal/credential"
)

func TestForgetCountsASessionThatIsBeingRenewed(t *testing.T) {
	play(t, func(st *stage) {
		old := st.mustAsk("prod")
		st.set(func() { st.delay, st.fault = 10*time.Second, errDown })
		time.Sleep(34 * time.Minute)
		for st.server.Status().Sessions[0].State != Renewing {
			time.Sleep(100 * time.Millisecond)
		}
		if n, err := st.server.Forget(context.Background(), "prod", false); n != 1 || err != nil {
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
		st.plan("a", "id-a")
		st.plan("b", "id-b")
		before := map[string]string{"a": st.mustAsk("a").AccessKeyID, "b": st.mustAsk("b").AccessKeyID}
		time.Sleep(5 * time.Second)
		s.mu.Lock()
		s.delay = time.Second
		s.mu.Unlock()
		done := make(chan error)
		go func() { _, err := st.server.Forget(context.Background(), "", true); done <- err }()
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
		st.set(func() { st.fault = errDenied })
		time.Sleep(6 * time.Minute)
		st.ask("prod")
		time.Sleep(3 * time.Second)
		st.server.Close()
		st.server.cfg.Cache.Close(context.Background()) // cannot keep everything
		s.mu.Lock()
		s.sick = nil
		s.mu.Unlock()
		st.set(func() { st.fault = errDown })
		st.open(s.on(t, dir))
		if got, err := st.ask("prod"); err == nil {
			t.Errorf("%q is served, refused was %q", got.AccessKeyID, old.AccessKeyID)
		}
	}, s.on(t, dir))
}
