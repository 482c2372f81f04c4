package session

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/status"
)

// shelf is a cache.Store in memory that can be made to fail.
type shelf struct {
	mu    sync.Mutex
	kept  map[string]credential.Secret
	sick  error
	delay time.Duration
	reads int
}

func (s *shelf) do(ctx context.Context, f func()) error {
	s.mu.Lock()
	sick, delay := s.sick, s.delay
	s.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	if sick != nil {
		return sick
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	return nil
}

func (s *shelf) Get(ctx context.Context, key string) (v credential.Secret, ok bool, err error) {
	err = s.do(ctx, func() { s.reads++; v, ok = s.kept[key] })
	return v, ok, err
}

func (s *shelf) Set(ctx context.Context, key string, v credential.Secret) error {
	return s.do(ctx, func() { s.kept[key] = v })
}

func (s *shelf) Delete(ctx context.Context, key string) error {
	return s.do(ctx, func() { delete(s.kept, key) })
}

// on returns an option for a server whose cache keeps sessions there.
func (s *shelf) on(t *testing.T, dir string) option {
	return func(c *Config) {
		var err error
		c.Cache.Close(context.Background())
		if c.Cache, err = cache.Open(cache.Config{Store: s, Dir: dir}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRestartServesTheSameSessionWithoutACall(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		before := st.mustAsk("prod")
		time.Sleep(5 * time.Second)
		st.close()
		st.open(s.on(t, dir))
		if got := st.broker.Status(); len(got) != 1 || got[0].State != status.Ready {
			t.Errorf("status after the restart: %+v", got)
		}
		if after := st.mustAsk("prod"); after.AccessKeyID != before.AccessKeyID || st.Count() != 1 {
			t.Errorf("%q before, %q after, %d calls", before.AccessKeyID, after.AccessKeyID, st.Count())
		}
	}, s.on(t, dir))
}

func TestSessionOfAnEarlierDaemonIsRenewedWithoutBeingAskedFor(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		st.mustAsk("prod")
		time.Sleep(5 * time.Second)
		st.close()
		st.open(s.on(t, dir))
		time.Sleep(40 * time.Minute)
		if st.Count() != 2 {
			t.Errorf("%d calls, want one renewal", st.Count())
		}
	}, s.on(t, dir))
}

func TestSessionThatWasInMemoryOnlyIsNotShownAsReadyAfterARestart(t *testing.T) {
	dir := t.TempDir()
	memory := func(c *Config) {
		var err error
		c.Cache.Close(context.Background())
		if c.Cache, err = cache.Open(cache.Config{Dir: dir}); err != nil {
			t.Fatal(err)
		}
	}
	play(t, func(st *stage) {
		st.mustAsk("prod")
		time.Sleep(5 * time.Second)
		st.close()
		st.open(memory)
		if got := st.broker.Status(); len(got) != 0 {
			t.Errorf("status after the restart: %+v", got)
		}
	}, memory)
}

func TestOtherRebootCountsByTheWallClock(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		before := st.mustAsk("prod")
		time.Sleep(10 * time.Minute)
		st.close()
		st.Set(func() { st.Boot, st.Began = "boot-2", time.Now() })
		st.open(s.on(t, dir))
		if after := st.mustAsk("prod"); after.AccessKeyID != before.AccessKeyID {
			t.Error("a session that lives was thrown away")
		}
		time.Sleep(45 * time.Minute)
		if after := st.mustAsk("prod"); after.AccessKeyID == before.AccessKeyID {
			t.Error("served to its very end")
		}
	}, s.on(t, dir))
}

func TestSickStoreDelaysOneColdAnswerByItsDeadlineAndNoWarmOne(t *testing.T) {
	s := &shelf{kept: map[string]credential.Secret{}, delay: time.Hour}
	play(t, func(st *stage) {
		began := time.Now()
		st.mustAsk("prod")
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("cold: %v", took)
		}
		began = time.Now()
		if st.mustAsk("prod"); time.Since(began) > 0 {
			t.Errorf("warm: %v", time.Since(began))
		}
		s.mu.Lock()
		s.delay, s.sick = 0, errors.New("locked")
		s.mu.Unlock()
		st.Plan("next", "id-next")
		st.mustAsk("next")
		s.mu.Lock()
		s.sick = nil
		s.mu.Unlock()
	}, s.on(t, ""))
}

func TestDroppedSecretsComeBackFromTheStore(t *testing.T) {
	s := &shelf{kept: map[string]credential.Secret{}}
	play(t, func(st *stage) {
		before := st.mustAsk("prod")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		st.broker.DropSecrets()
		if after := st.mustAsk("prod"); after.AccessKeyID != before.AccessKeyID || st.Count() != 1 || s.reads == 0 {
			t.Errorf("%q, then %q after %d calls and %d reads", before.AccessKeyID, after.AccessKeyID, st.Count(), s.reads)
		}
	}, s.on(t, ""))
}

func TestALoginThatAStoreKeepsCountsOnceItAnswersAgain(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		st.withDevice()
		st.Set(func() { st.ByID = map[string]time.Duration{"id-base": 12 * time.Hour} })
		st.loggedIn(t)
		time.Sleep(5 * time.Second)
		st.close()
		st.open(s.on(t, dir), terminals)
		s.mu.Lock()
		s.sick = errors.New("locked")
		s.mu.Unlock()
		if r := st.helper("prod", false).withoutTerminal(); r.Body != nil {
			t.Fatal("served from a store that is locked")
		}
		time.Sleep(5 * time.Minute) // the question goes; she unlocks it
		s.mu.Lock()
		s.sick = nil
		s.mu.Unlock()
		if r := st.helper("prod", false).withoutTerminal(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
		if len(st.codes) != 1 {
			t.Errorf("%d codes", len(st.codes))
		}
	}, s.on(t, dir), terminals)
}

// count is how many items the shelf has.
func (s *shelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}
