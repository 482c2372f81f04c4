package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// askLimit is how long a caller waits for the user; it is told wire.AskWait.
const askLimit = wire.AskWait - 700*time.Millisecond

// ErrGone is returned to a caller that ended while its user was asked.
var ErrGone = errors.New("the caller has gone")

// wait waits for f on behalf of the request q and w, whose seat it is. What the
// user is asked meanwhile is shown at the caller's terminal if the desk says so.
func (b *Broker) wait(ctx context.Context, f *flight, q credential.Query, w Want, seat *prompt.Seat) error {
	if w.base {
		select {
		case <-f.done:
			return f.err
		case <-b.life.Done():
			return stopping()
		case <-ctx.Done():
			return noAnswerYet()
		}
	}
	limit, announced := callerLimit, wire.FetchWait
	if f.plan.Slow() {
		limit, announced = askLimit, wire.AskWait // the command may wait for the user
	}
	one := &waiter{query: q, want: w, seat: seat, left: time.NewTimer(limit)}
	defer one.left.Stop()
	one.announce(announced)
	for {
		var answers <-chan Answer
		if w.Asker != nil {
			answers = w.Asker.Answers()
		}
		select {
		case <-f.done:
			return f.err
		case <-b.life.Done():
			return stopping()
		case <-ctx.Done():
			return noAnswerYet()
		case <-one.left.C:
			if one.question.ID == "" {
				return noAnswerYet()
			}
			return stillAsking(q, one.question)
		case <-seat.Changed():
			if one.look() {
				return noOneToAsk(q, one.question)
			}
		case a, ok := <-answers:
			if !ok {
				return ErrGone
			}
			one.pass(a)
		}
	}
}

// waiter is a caller that waits while the user may be asked.
type waiter struct {
	query    credential.Query
	want     Want
	seat     *prompt.Seat
	left     *time.Timer
	question prompt.View // the one last seen
	asked    string      // the ID of the one that this caller was asked
}

// announce tells the caller how long it may have to wait from now.
func (w *waiter) announce(d time.Duration) {
	if w.want.Asker != nil {
		w.want.Asker.Wait(d)
	}
}

// look reads what is open now; lonely says that no one is there to answer it.
func (w *waiter) look() (lonely bool) {
	v := w.seat.Look()
	if v.ID == "" {
		return false
	}
	// A program waits so long for the user, whatever is typed; a user who came to be
	// asked has as long for each code.
	if w.question.ID == "" || w.want.Login && v.ID != w.question.ID {
		w.left.Reset(askLimit)
		w.announce(wire.AskWait)
	}
	w.question = v
	switch {
	case v.Mine && w.want.Asker == nil:
		w.seat.Pass()
	case v.Mine && v.ID != w.asked:
		w.asked = v.ID
		w.want.Asker.Ask(v)
	case v.Lonely:
		return true
	}
	return false
}

// pass passes on what the user did.
func (w *waiter) pass(a Answer) {
	switch {
	case a.Pass:
		w.seat.Pass()
	case a.Refuse:
		w.seat.Refuse(a.ID)
	default:
		w.seat.Answer(a.ID, a.Text)
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

func noOneToAsk(q credential.Query, v prompt.View) *credential.Failure {
	return &credential.Failure{Code: wire.LoginNeeded,
		Reason: fmt.Sprintf("a person is needed and nobody can be asked here: %s", v.Question.Text),
		Hint:   "in a terminal, run: understudy login " + q.Profile}
}
