package prompt

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Mode says in which ways a person may be asked unbidden; the settings' prompt.
type Mode string

const (
	Auto     Mode = "auto" // a dialog where there is a display, else a caller's terminal
	GUI      Mode = "gui"  // a dialog only
	Terminal Mode = "tty"  // a caller's terminal only
	None     Mode = "none" // nobody is asked unless she says `understudy login`
)

// Config says in which ways a Desk asks.
type Config struct {
	Mode   Mode                                        // "" means Auto
	Dialog func() (Dialog, error)                      // finds one at the time of asking; nil means that there is none
	Browse func(ctx context.Context, url string) error // opens a page; nil means that nothing can
	Screen func() bool                                 // whether Browse is worth a try now; nil means that it always is
	Grace  time.Duration                               // callers without a terminal wait so long for one that has one; 0 means 1 s
	Log    *slog.Logger                                // nil means discard
}

const (
	defaultLimit = 3 * time.Minute
	defaultGrace = time.Second
	// refusalMemory is how long a question that was closed is not opened again:
	// several SDKs run the helper twice.
	refusalMemory = 30 * time.Second
)

// Desk is where questions are asked. Its methods may be called from any
// goroutine; none but Ask waits.
type Desk struct {
	cfg Config

	mu      sync.Mutex // never held while anybody is asked
	matters map[string]*matter
	asked   int // questions so far, for their IDs
}

// matter is all about one thing that questions are about.
type matter struct {
	turn     chan struct{} // full while a question about it is under way
	open     *asking       // nil when none is
	line     []*Seat       // who waits, the first to come first
	closedAt time.Time     // when a person closed its last question; zero when she did not
	spent    spent
}

// asking is a question that is open.
type asking struct {
	Question
	id     string
	opened time.Time
	tty    bool  // callers' terminals may be asked
	shown  bool  // a dialog, a browser or what stands in for a person has it
	holder *Seat // whose terminal is asked

	once   sync.Once
	done   chan struct{} // closed when answer and err are set
	answer Answer
	err    error
}

func (q *asking) settle(a Answer, err error) {
	q.once.Do(func() {
		q.answer, q.err = a, err
		close(q.done)
	})
}

// NewDesk returns a desk with no question open.
func NewDesk(c Config) *Desk {
	c.Mode = cmp.Or(c.Mode, Auto)
	c.Grace = cmp.Or(c.Grace, defaultGrace)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{cfg: c, matters: make(map[string]*matter)}
}

func (d *Desk) matterLocked(about string) *matter {
	m := d.matters[about]
	if m == nil {
		m = &matter{turn: make(chan struct{}, 1)}
		d.matters[about] = m
	}
	return m
}

// Ask asks q and returns the answer. It waits for its turn, as one question
// about a thing is open at a time, and then at most q.Limit. The error is one of
// this package's, ctx's own, or that of q.Instead. A Visit has no answer: it is
// shown until ctx ends, which is then the error.
func (d *Desk) Ask(ctx context.Context, q Question) (Answer, error) {
	d.mu.Lock()
	m := d.matterLocked(q.About)
	d.mu.Unlock()
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	}
	for range 5 {
		a, err := d.askOnce(ctx, m, q)
		a = tidy(a)
		if err != nil || q.Kind != Code || m.spent.add(a) {
			return a, err
		}
		if q.Instead == nil {
			q.Notice = "that code was used before; wait for the next one"
			continue
		}
		select {
		case <-time.After(untilNextCode(time.Now())):
		case <-ctx.Done():
			return Answer{}, context.Cause(ctx)
		}
	}
	return Answer{}, ErrSpent
}

// askOnce opens q, has it shown and waits for what comes of it.
func (d *Desk) askOnce(ctx context.Context, m *matter, q Question) (Answer, error) {
	within, cancel := context.WithTimeoutCause(ctx, cmp.Or(q.Limit, defaultLimit), ErrExpired)
	defer cancel()
	o := &asking{Question: q, opened: time.Now(), done: make(chan struct{})}
	if err := d.open(m, o); err != nil {
		return Answer{}, err
	}
	grace := time.AfterFunc(d.cfg.Grace, func() { d.poke(m) })
	defer grace.Stop()
	var showing sync.WaitGroup
	showing.Go(func() { d.show(within, m, o) })
	select {
	case <-o.done:
	case <-within.Done():
		o.settle(Answer{}, context.Cause(within))
	}
	d.shut(m, o)
	cancel()
	showing.Wait()
	return o.answer, o.err
}

// open makes o the question that callers see.
func (d *Desk) open(m *matter, o *asking) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refusalLocked(m); err != nil && !(errors.Is(err, ErrNobody) && o.Instead != nil) {
		return err
	}
	m.closedAt = time.Time{}
	d.asked++
	o.id = strconv.Itoa(d.asked)
	o.shown = true // until show finds that nothing shows it
	m.open = o
	m.pokeLocked()
	return nil
}

// shut takes o away from those who see it.
func (d *Desk) shut(m *matter, o *asking) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errors.Is(o.err, ErrClosed) {
		m.closedAt = time.Now()
	}
	m.open = nil
	m.pokeLocked()
}

// show has o answered in the first way that can be had, and leaves it to
// terminals where there is none.
func (d *Desk) show(ctx context.Context, m *matter, o *asking) {
	if o.Instead != nil {
		o.settle(o.Instead(ctx))
		return
	}
	if d.cfg.Mode == Auto || d.cfg.Mode == GUI {
		a, err := d.desktop(ctx, o)
		if !errors.Is(err, errNoDialog) {
			if o.Kind == Code || err != nil {
				o.settle(a, err)
			}
			return
		}
		if o.here() {
			o.settle(Answer{}, ErrElsewhere)
			return
		}
		d.cfg.Log.Info("nobody can be asked on the desktop", "about", o.About, "reason", err.Error())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	o.shown = false
	o.tty = d.cfg.Mode == Auto || d.cfg.Mode == Terminal
	d.offerLocked(m)
	m.pokeLocked()
}

// desktop asks on the desktop. A page that was opened is no error.
func (d *Desk) desktop(ctx context.Context, o *asking) (Answer, error) {
	if o.Kind == Visit {
		if !o.here() || d.cfg.Browse == nil {
			return Answer{}, errNoDialog
		}
		return Answer{}, d.cfg.Browse(ctx, o.URL)
	}
	if d.cfg.Dialog == nil {
		return Answer{}, errNoDialog
	}
	dialog, err := d.cfg.Dialog()
	if err != nil {
		return Answer{}, err
	}
	return dialog.Ask(ctx, o.Question)
}

// Asking reports whether a question about one of these is open.
func (d *Desk) Asking(about []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range about {
		if m := d.matters[a]; m != nil && m.open != nil {
			return true
		}
	}
	return false
}

// Open lists what open questions are about, the oldest first.
func (d *Desk) Open() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.openLocked()
}
