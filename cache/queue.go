package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// queue is all the writing of the store: one job per session at most, the
// latest, worked off one at a time and kept until it is done. A nil queue, of a
// cache without a store, takes everything and does nothing.
type queue struct {
	store   Store
	settled func(id string, change int, stored bool) // called without a lock
	loop    *loop
	before  func(ctx context.Context, ids []string) // called before these are tried; nil means nobody is told

	mu    sync.Mutex // taken under the cache's, never the other way round
	jobs  map[string]*job
	order []string // of the jobs' ids
}

// job is to bring the store to what a slot became at one change.
type job struct {
	remove  bool
	session credential.Session // unless remove
	change  int
	instead bool         // it took the place of a removal
	told    []chan error // who waits for a removal; each has room for one
}

func newQueue(store Store, log *slog.Logger, settled func(string, int, bool)) *queue {
	q := &queue{store: store, settled: settled, jobs: map[string]*job{}}
	q.loop = newLoop("the store", 0, patience, log, q.pass)
	return q
}

func (q *queue) put(id string, change int, session credential.Session) {
	if q != nil {
		q.add(id, &job{session: session, change: change})
	}
}

// remove returns where the outcome of the first try is told, nil on a nil queue.
func (q *queue) remove(id string, change int) <-chan error {
	if q == nil {
		return nil
	}
	told := make(chan error, 1)
	q.add(id, &job{remove: true, change: change, told: []chan error{told}})
	q.loop.nudge()
	return told
}

// add puts j in the place of the job of that id. Who waited for that one waits
// for j: what they wanted gone is gone when either is done.
func (q *queue) add(id string, j *job) {
	q.mu.Lock()
	if old := q.jobs[id]; old != nil {
		j.told = append(j.told, old.told...)
		old.told = nil
		j.instead = old.remove || old.instead
	} else {
		q.order = append(q.order, id)
	}
	q.jobs[id] = j
	q.mu.Unlock()
	q.loop.changed()
}

// drop forgets the sessions that were to be written. What one of them was to
// overwrite because it is to go still goes.
func (q *queue) drop() {
	if q == nil {
		return
	}
	q.mu.Lock()
	for id, j := range q.jobs {
		switch {
		case j.remove:
		case j.instead:
			q.jobs[id] = &job{remove: true, change: j.change, told: j.told}
			j.told = nil
		default:
			q.doneLocked(id, j, nil)
		}
	}
	q.mu.Unlock()
	q.loop.changed() // a pass that is writing one of them does not see its removal
}

// end tells those who still wait that nothing more is done.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		q.tellLocked(j, errClosed)
	}
}

func (q *queue) nudge() {
	if q != nil {
		q.loop.nudge()
	}
}

func (q *queue) flush(ctx context.Context) error {
	if q == nil {
		return nil
	}
	return q.loop.flush(ctx)
}

// pass tries each job there is once, and stops at a store that is sick as a
// whole. It returns the first thing that went wrong.
func (q *queue) pass(ctx context.Context) (first error) {
	q.mu.Lock()
	ids := append([]string(nil), q.order...)
	q.mu.Unlock()
	if q.before != nil {
		q.before(ctx, ids)
	}
	for n, id := range ids {
		err := q.work(ctx, id)
		if err == nil {
			continue
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil || sick(err) {
			q.giveUp(ids[n:], err)
			break
		}
	}
	return first
}

// patience is the longest wait for a store. Each try starts a worker process,
// so one that is not there at all is looked for rarely; a read that succeeds
// cuts the wait short.
func patience(err error) time.Duration {
	if errors.Is(err, keychain.ErrAbsent) {
		return 10 * time.Minute
	}
	return time.Minute
}

// sick reports whether err says that no other item would fare better.
func sick(err error) bool {
	return errors.Is(err, keychain.ErrLocked) || errors.Is(err, keychain.ErrAbsent) ||
		errors.Is(err, keychain.ErrTimeout) || errors.Is(err, keychain.ErrClosed)
}

// work does the job of id, if there still is one.
func (q *queue) work(ctx context.Context, id string) error {
	q.mu.Lock()
	j := q.jobs[id]
	q.mu.Unlock()
	if j == nil {
		return nil
	}
	remove := j.remove
	if !remove && j.session.Left(credential.Now()) <= 0 { // nobody will ever want it
		if !j.instead {
			q.done(id, j, nil)
			return nil
		}
		remove = true
	}
	err := q.write(ctx, id, j, remove)
	if err != nil {
		q.tell(j, err)
		return err
	}
	q.done(id, j, nil)
	q.settled(id, j.change, !remove)
	return nil
}

func (q *queue) write(ctx context.Context, id string, j *job, remove bool) error {
	if remove {
		return q.store.Delete(ctx, storeKey(id))
	}
	v, err := encode(id, j.session)
	if err != nil {
		return err
	}
	if err := q.store.Set(ctx, storeKey(id), v); err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// giveUp tells those who wait for any of ids that it is not now.
func (q *queue) giveUp(ids []string, err error) {
	for _, id := range ids {
		q.mu.Lock()
		j := q.jobs[id]
		q.mu.Unlock()
		if j != nil {
			q.tell(j, err)
		}
	}
}

func (q *queue) done(id string, j *job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.doneLocked(id, j, err)
}

// doneLocked takes j out, unless a later job has its place.
func (q *queue) doneLocked(id string, j *job, err error) {
	q.tellLocked(j, err)
	if q.jobs[id] != j {
		return
	}
	delete(q.jobs, id)
	for n, other := range q.order {
		if other == id {
			q.order = append(q.order[:n], q.order[n+1:]...)
			break
		}
	}
}

func (q *queue) tell(j *job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tellLocked(j, err)
}

func (q *queue) tellLocked(j *job, err error) {
	for _, c := range j.told {
		c <- err
	}
	j.told = nil
}
