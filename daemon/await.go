package daemon

import (
	"context"
	"fmt"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// demand is one request for a session.
type demand struct {
	query  credential.Query
	person bool    // a person asks: the memory of a refusal is lifted
	login  bool    // she is at the caller's terminal and wants to be asked
	device bool    // with login: her browser is on another machine
	from   *caller // nil where no caller waits at a terminal

	// inner says that it is for a session that signs for another: the flight of
	// that one waits as long as it lives, and its callers have the seats.
	inner bool
	// unattended says that nobody waits, so that nobody may be asked.
	unattended bool
}

// await waits for f on behalf of d, whose seat it is. What a person is asked
// meanwhile goes to the caller's terminal where the desk says so.
func (s *Server) await(ctx context.Context, f *flight, p *credential.Plan, d demand, seat *prompt.Seat) error {
	if d.inner {
		select {
		case <-f.done:
			return f.err
		case <-s.life.Done():
			return stopping()
		case <-ctx.Done():
			return noAnswerYet()
		}
	}
	limit, told := callerLimit, wire.FetchWait
	if p.Slow() {
		limit, told = askLimit, wire.AskWait // it may be a person that a command waits for
	}
	w := &waiter{s: s, d: d, seat: seat, left: time.NewTimer(limit)}
	defer w.left.Stop()
	d.from.tell(told)
	for {
		var answers <-chan wire.Answer
		if d.from != nil {
			answers = d.from.answers
		}
		select {
		case <-f.done:
			return f.err
		case <-s.life.Done():
			return stopping()
		case <-ctx.Done():
			return noAnswerYet()
		case <-w.left.C:
			if w.question.ID == "" {
				return noAnswerYet()
			}
			return stillAsking(d.query, w.question)
		case <-seat.Changed():
			if w.look() {
				return nobodyThere(d.query, w.question)
			}
		case a, ok := <-answers:
			if !ok {
				return errGone
			}
			w.take(a)
		}
	}
}

// waiter is a caller that waits while a person may be asked.
type waiter struct {
	s        *Server
	d        demand
	seat     *prompt.Seat
	left     *time.Timer
	question prompt.View // the one last seen
	asked    string      // the ID of the one that this caller was asked
}

// askLimit is how long a caller waits for a person; it is told wire.AskWait.
const askLimit = wire.AskWait - 700*time.Millisecond

// look takes in what is open now; lonely says that nobody is there to answer it.
func (w *waiter) look() (lonely bool) {
	v := w.seat.Look()
	if v.ID == "" {
		return false
	}
	// A program waits so long for a person, whatever she types; one who came to
	// be asked has it for each code.
	if w.question.ID == "" || w.d.login && v.ID != w.question.ID {
		w.left.Reset(askLimit)
		w.d.from.tell(wire.AskWait)
	}
	w.question = v
	switch {
	case v.Mine && w.d.from == nil:
		w.seat.Pass()
	case v.Mine && v.ID != w.asked:
		w.asked = v.ID
		w.d.from.ask(asAsk(v))
	case v.Lonely:
		return true
	}
	return false
}

// take passes on what the caller said.
func (w *waiter) take(a wire.Answer) {
	switch {
	case a.Pass:
		w.seat.Pass()
	case a.Refuse:
		w.seat.Refuse(a.ID)
	default:
		w.seat.Answer(a.ID, credential.NewSecret(a.Text))
	}
}

// tell is wait, where there is a caller.
func (c *caller) tell(d time.Duration) {
	if c != nil {
		c.wait(d)
	}
}

func noAnswerYet() *credential.Failure {
	return &credential.Failure{Code: wire.Temporary, Reason: "no answer yet; the question goes on",
		Hint: "try again in some seconds: the answer is kept"}
}

func stillAsking(q credential.Query, v prompt.View) *credential.Failure {
	return &credential.Failure{Code: wire.LoginNeeded,
		Reason: fmt.Sprintf("a person is being asked, and has not answered yet: %s", v.Question.Text),
		Hint:   "answer it and try again; to be asked in a terminal, run: understudy login " + q.Profile}
}

func nobodyThere(q credential.Query, v prompt.View) *credential.Failure {
	return &credential.Failure{Code: wire.LoginNeeded,
		Reason: fmt.Sprintf("a person is needed and nobody can be asked here: %s", v.Question.Text),
		Hint:   "in a terminal, run: understudy login " + q.Profile}
}

// Question is one that is open, and the request that led to it: asking for that
// again at a terminal is how it is answered.
type Question struct {
	Profile         string `json:"profile"`
	ConfigFile      string `json:"config_file"`
	CredentialsFile string `json:"credentials_file"`
	About           string `json:"about"`
}

// Questions are what a person could answer now.
type Questions struct {
	Questions []Question `json:"questions"`
}

// Questions lists what a person could answer now, the oldest first.
func (s *Server) Questions() Questions {
	open := Questions{[]Question{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, about := range s.cfg.Desk.Open() {
		for _, e := range s.entries {
			if e.flight != nil && e.plan != nil && e.plan.Asks == about {
				q := e.record.Query
				open.Questions = append(open.Questions, Question{q.Profile, q.ConfigFile, q.CredentialsFile, about})
				break
			}
		}
	}
	return open
}
