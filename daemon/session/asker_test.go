package session

import (
	"context"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// asker is a helper as the broker sees it.
type asker struct{ h *helper }

func (a asker) Wait(d time.Duration) { a.h.replies <- wire.Reply{Wait: d} }

func (a asker) Ask(v prompt.View) {
	a.h.replies <- wire.Reply{Ask: &wire.Ask{ID: v.ID, Kind: wire.AskCode, Text: v.Question.Text, Notice: v.Question.Notice}}
}

func (a asker) Answers() <-chan Answer { return a.h.answers }

func (a asker) Environment(ctx context.Context) (credential.Environment, error) {
	a.h.replies <- wire.Reply{Ask: &wire.Ask{Kind: wire.AskEnvironment}}
	select {
	case answer, ok := <-a.h.answers:
		if !ok {
			return credential.Environment{}, ErrGone
		}
		return answer.Environment, nil
	case <-ctx.Done():
		return credential.Environment{}, ctx.Err()
	}
}
