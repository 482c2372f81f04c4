package awsconfig

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"understudy/internal/singleflight"
)

// Reader reads pairs of files and remembers what they said. The zero Reader is
// ready. It may be used by several goroutines at once, and starts none.
type Reader struct {
	// Approve decides whether a file may be believed; nil believes all. It gets
	// the very bytes that are read from then on, so that nothing can change
	// between the check and the use, and must neither change nor keep them. It
	// is asked each time a file has been read, never for a missing or unnamed
	// file, and outside of any lock. Its error is what Read returns. What it
	// has approved stands until the file changes or Forget is called.
	Approve func(path string, content []byte) error

	mu       sync.Mutex
	kept     map[Files]*version
	flights  map[Files]*flight
	uses     uint64 // counts calls that found a version
	forgets  uint64 // counts calls of Forget
	versions atomic.Uint64
}

// version is the last good content of a pair of files.
type version struct {
	config *Config
	stamps [2]stamp
	steady bool   // a change after it was read shows in the stamps
	used   uint64 // Reader.uses at its last use
}

// flight is one reading in progress.
type flight struct {
	*singleflight.Call[*Config]
	looked  time.Time // when it last began to read; valid once it has ended
	forgets uint64    // Reader.forgets when it began; does not change
}

// Read returns what the two files say. Nothing is opened when neither has
// changed since the last call.
//
// With an error, the Config is the last good one, to go on with, and the error
// is why the files as they stand now cannot be read: a *credential.Failure with
// the place, or the error of ctx. The Config is nil when there never was a good
// one, and when Approve refused, whose error is then returned.
//
// A file that was changed a moment ago and looks half written is looked at
// again for up to 300 ms before it is believed.
func (r *Reader) Read(ctx context.Context, f Files) (*Config, error) {
	came := time.Now()
	for {
		stamps := [2]stamp{stampOf(f.Config), stampOf(f.Credentials)}
		v, fl, mine := r.lookUp(f, stamps)
		if v != nil {
			return v.config, nil
		}
		if mine {
			if config, err := r.fly(ctx, f, fl); err != errForgotten {
				return config, err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return r.lastGood(f), context.Cause(ctx)
		case <-fl.Ended():
		}
		if config, err := fl.Result(); fl.looked.After(came) && err != errGivenUp {
			return config, err
		}
		// What it read may be older than this call.
	}
}

// errGivenUp marks a reading that ended with its caller, or that Forget made void:
// each waiter reads for itself.
var errGivenUp = errors.New("the caller has gone")

// errForgotten marks a reading that Forget came into the middle of: what it
// read was approved before, and may not be by now.
var errForgotten = errors.New("forgotten meanwhile")

// lookUp returns the version that is still good, else the flight to wait for,
// which is the caller's own to fly when mine.
func (r *Reader) lookUp(f Files, stamps [2]stamp) (v *version, fl *flight, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.kept[f]; v != nil && v.steady && v.stamps == stamps {
		r.uses++
		v.used = r.uses
		return v, nil, false
	}
	if fl := r.flights[f]; fl != nil {
		return nil, fl, false
	}
	if r.flights == nil {
		r.flights, r.kept = map[Files]*flight{}, map[Files]*version{}
	}
	fl = &flight{Call: singleflight.New[*Config](), forgets: r.forgets}
	r.flights[f] = fl
	return nil, fl, true
}

// fly reads f and ends fl. If it returns errForgotten, it has kept nothing, and each
// waiter reads f itself.
func (r *Reader) fly(ctx context.Context, f Files, fl *flight) (*Config, error) {
	shared, outcome := (*Config)(nil), errGivenUp
	defer func() { // after a panic, too
		r.mu.Lock()
		delete(r.flights, f)
		r.mu.Unlock()
		fl.End(shared, outcome)
	}()
	r.mu.Lock()
	last := r.kept[f]
	r.mu.Unlock()

	v, err := r.load(ctx, f, fl, last)
	if no, ok := errors.AsType[refusal](err); ok {
		err = no.error
		r.mu.Lock()
		delete(r.kept, f)
		r.mu.Unlock()
	}
	if err != nil {
		config := r.lastGood(f)
		if ctx.Err() == nil {
			shared, outcome = config, err
		}
		return config, err
	}
	if !r.keep(f, v, fl.forgets) {
		return nil, errForgotten
	}
	shared, outcome = v.config, nil
	return v.config, nil
}

// Forget drops every version: nothing that was read stays in memory, and the
// next Read has no last good one to fall back to. A Read under way reads again,
// and asks Approve again.
func (r *Reader) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgets++
	clear(r.kept)
}

func (r *Reader) lastGood(f Files) *Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.kept[f]; v != nil {
		return v.config
	}
	return nil
}

const (
	maxKept      = 16
	maxKeptBytes = 32 << 20 // the newest is kept however big it is
)

// keep remembers v and drops what was not used for longest, unless Forget was
// called since it had been called so often.
func (r *Reader) keep(f Files, v *version, forgets uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgets != forgets {
		return false
	}
	r.uses++
	v.used = r.uses
	r.kept[f] = v
	for {
		var oldest Files
		size, found := 0, false
		for k, o := range r.kept {
			size += o.config.size()
			if k != f && (!found || o.used < r.kept[oldest].used) {
				oldest, found = k, true
			}
		}
		if !found || len(r.kept) <= maxKept && size <= maxKeptBytes {
			return true
		}
		delete(r.kept, oldest)
	}
}

func (c *Config) size() int { return len(c.config.src) + len(c.credentials.src) }
