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

// askLimit is how long a caller waits for the user, a little less than the
// wire.AskWait that the client waits.
const askLimit = wire.AskWait - 700*time.Millisecond

// ErrGone is the error for a caller that ended while its user was asked.
var ErrGone = errors.New("the caller has gone")

// wait waits for f on behalf of a caller. Meanwhile it shows a question at the
// caller's terminal if the desk has chosen this caller.
func (b *Broker) wait(ctx context.Context, f *flight, q credential.Query, w Want, seat *prompt.Seat) error {
	if w.base {
		select {
		case <-f.Ended():
			_, err := f.Result()
			return err
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
	caller := &waiter{query: q, want: w, seat: seat, left: time.NewTimer(limit)}
	defer caller.left.Stop()
	caller.announce(announced)
	for {
		var answers <-chan Answer
		if w.Asker != nil {
			answers = w.Asker.Answers()
		}
		select {
		case <-f.Ended():
			_, err := f.Result()
			return err
		case <-b.life.Done():
			return stopping()
		case <-ctx.Done():
			return noAnswerYet()
		case <-caller.left.C:
			if caller.question.ID == "" {
				return noAnswerYet()
			}
			return stillAsking(q, caller.question)
		case <-seat.Changed():
			if caller.look() {
				return noOneToAsk(q, caller.question)
			}
		case a, ok := <-answers:
			if !ok {
				return ErrGone
			}
			caller.forward(a)
		}
	}
}

// waiter is a caller that waits while the user may be asked.
type waiter struct {
	query    credential.Query
	want     Want
	seat     *prompt.Seat
	left     *time.Timer
	question prompt.View // seen last; no ID if there was none
	asked    string      // ID of the last question that this caller was asked
}

// announce asks the caller to wait for up to d from now.
func (w *waiter) announce(d time.Duration) {
	if w.want.Asker != nil {
		w.want.Asker.Wait(d)
	}
}

// look reads the open question, and asks it here if it is this caller's.
// unanswerable says that no caller can be asked.
func (w *waiter) look() (unanswerable bool) {
	v := w.seat.Look()
	if v.ID == "" {
		return false
	}
	// A program waits askLimit for the user in all; a login waits that long for each
	// question.
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

// forward passes the user's answer to the desk.
func (w *waiter) forward(a Answer) {
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
