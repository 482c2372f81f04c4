package session

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// slowFiles is a configuration that takes five seconds to read while slow is set,
// and then returns the given result.
type slowFiles struct {
	slow, reading atomic.Bool
	says          error
}

func (f *slowFiles) option(c *Config) {
	resolve := c.Resolve
	c.Resolve = func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
		if f.slow.Load() {
			f.reading.Store(true)
			time.Sleep(5 * time.Second)
			if f.says != nil {
				return nil, f.says
			}
		}
		return resolve(ctx, q)
	}
}

// untilARenewalReads waits until a background renewal reads the files.
func (f *slowFiles) untilARenewalReads() {
	time.Sleep(5 * time.Second)
	f.slow.Store(true)
	for !f.reading.Load() {
		time.Sleep(100 * time.Millisecond)
	}
	f.slow.Store(false)
}

func TestASessionThatIsForgottenWhileItsRenewalReadsTheFilesStaysForgotten(t *testing.T) {
	s, files := &shelf{kept: map[string]credential.Secret{}}, &slowFiles{}
	play(t, func(st *stage) {
		st.mustAsk("prod")
		files.untilARenewalReads()
		if n, err := st.broker.Forget(context.Background(), "", true); n != 1 || err != nil {
			t.Errorf("forgot %d: %v", n, err)
		}
		time.Sleep(time.Minute)
		if s.count() != 0 || len(st.broker.Status()) != 0 || st.Count() != 1 {
			t.Errorf("%d items, %d sessions after %d calls", s.count(), len(st.broker.Status()), st.Count())
		}
	}, s.on(t, t.TempDir()), files.option)
}

func TestARenewalOfAForgottenSessionDoesNotRetireTheNewOne(t *testing.T) {
	s, files := &shelf{kept: map[string]credential.Secret{}}, &slowFiles{says: &credential.Failure{Code: wire.UnknownProfile}}
	play(t, func(st *stage) {
		st.mustAsk("prod")
		files.untilARenewalReads()
		if _, err := st.broker.Forget(context.Background(), "", true); err != nil {
			t.Error(err)
		}
		st.mustAsk("prod")
		time.Sleep(time.Minute)
		if s.count() != 1 || len(st.broker.Status()) != 1 {
			t.Errorf("%d items, %d sessions", s.count(), len(st.broker.Status()))
		}
	}, s.on(t, t.TempDir()), files.option)
}
