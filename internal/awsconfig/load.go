package awsconfig

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unsafe"
)

const (
	lookAgainFor   = 300 * time.Millisecond
	lookAgainEvery = 10 * time.Millisecond
	unchangedFor   = 100 * time.Millisecond
	justNow        = time.Second // how long after a change its writer may still be at work
)

// load reads both files, and notes in fl when it last began to. before is the
// version to fall back to, nil when there is none.
//
// What looks half written is believed once it has stayed the same for a
// while. A file that is being written all the time is not: the version before
// goes on, and the next Read looks again.
func (r *Reader) load(ctx context.Context, f Files, fl *flight, before *version) (*version, error) {
	var was *Config
	if before != nil {
		was = before.config
	}
	var last *version
	began := time.Now()
	changed := began // when a look last found something new
	for {
		fl.looked = time.Now()
		v, moment, err := r.look(f, was)
		if err != nil {
			return nil, err
		}
		if !moment {
			return v, r.approve(v)
		}
		if last == nil || v.stamps != last.stamps {
			last, changed = v, fl.looked
		}
		if time.Since(began) >= lookAgainFor {
			if before != nil && time.Since(changed) < unchangedFor {
				return before, nil
			}
			return v, r.approve(v)
		}
		again := time.NewTimer(lookAgainEvery)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// look reads both files once. moment says that one of them looks as if its
// writer were not done.
func (r *Reader) look(f Files, was *Config) (v *version, moment bool, err error) {
	v = &version{steady: true}
	texts := [2]*text{}
	for i, path := range []string{f.Config, f.Credentials} {
		src, st, err := readFile(path)
		if err != nil {
			return nil, false, err
		}
		var before *text
		if was != nil {
			before = [2]*text{was.config, was.credentials}[i]
		}
		if before != nil && before.src == src {
			texts[i] = before
		} else {
			texts[i] = newText(path, src, grammar(i))
		}
		if len(texts[i].sections) > maxSections {
			return nil, false, refuse(path, fmt.Sprintf("has over %d sections", maxSections), "look at what writes it")
		}
		now := time.Now()
		v.stamps[i] = st
		v.steady = v.steady && st.steady(now)
		moment = moment || !st.settled || st.near(now, justNow) && halfWritten(before, texts[i])
	}
	if was != nil && texts[0] == was.config && texts[1] == was.credentials {
		v.config = was
	} else {
		v.config = newConfig(texts[0], texts[1], &r.versions)
	}
	return v, moment, nil
}

// halfWritten reports whether now may be a part of what its writer has in
// mind: it is the beginning of what was there, it has lost a profile or keys
// of one, or its last line has lost its end.
func halfWritten(was, now *text) bool {
	if was == nil || was == now {
		return false
	}
	if strings.HasPrefix(was.src, now.src) {
		return true
	}
	if strings.HasSuffix(was.src, "\n") && !strings.HasSuffix(now.src, "\n") {
		return true
	}
	for name := range was.first[profileHead] {
		if now.pairs(name) < was.pairs(name) {
			return true
		}
		if _, ok := now.first[profileHead][name]; !ok {
			return true
		}
	}
	return false
}

func (r *Reader) approve(v *version) error {
	if r.Approve == nil {
		return nil
	}
	for i, t := range []*text{v.config.config, v.config.credentials} {
		if !v.stamps[i].present {
			continue
		}
		// Not a copy: there are files of megabytes, and Approve changes nothing.
		if err := r.Approve(t.path, unsafe.Slice(unsafe.StringData(t.src), len(t.src))); err != nil {
			return refusal{err}
		}
	}
	return nil
}

// refusal is an error of Approve. Unlike a file that is broken, one that must
// not be used has no last good content: what it says now was meant, and going on
// with what it said before would hide that.
type refusal struct{ error }
