package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	// unlockPatience is how long a person has to open the keychain, which may
	// hold a sign-in, before she is asked to sign in.
	unlockPatience = 10 * time.Second
	// glanceEvery is how often it is looked whether a token has come another way
	// while a question is open.
	glanceEvery = 5 * time.Second
)

// ask has a person sign in. A token that comes another way meanwhile, as from
// `aws sso login` in a terminal, ends the question.
func (l *login) ask(ctx context.Context, profile string) (credential.Secret, error) {
	if a, ok := l.beforeAsking(ctx); ok {
		return a, nil
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var found credential.Secret // when ctx's cause is errFound
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(glanceEvery):
			}
			if a, ok, _ := l.glance(ctx); ok {
				found = a
				stop(errFound)
				return
			}
		}
	})
	a, err := l.signIn(ctx, profile)
	stop(nil)
	watching.Wait()
	if err != nil && errors.Is(context.Cause(ctx), errFound) {
		return found, nil
	}
	return a, err
}

var errFound = errors.New("a token has come another way")

// beforeAsking looks whether there is a token by now. It gives a person some
// time to open a locked store.
func (l *login) beforeAsking(ctx context.Context) (credential.Secret, bool) {
	for until := time.Now().Add(unlockPatience); ; {
		a, ok, locked := l.glance(ctx)
		if ok {
			return a, true
		}
		if !locked || !time.Now().Before(until) {
			return credential.Secret{}, false
		}
		select {
		case <-ctx.Done():
			return credential.Secret{}, false
		case <-time.After(time.Second):
		}
	}
}

// signIn takes the way that reaches the person.
func (l *login) signIn(ctx context.Context, profile string) (credential.Secret, error) {
	here, err := l.c.cfg.Reach(l.about)
	if err != nil {
		return credential.Secret{}, l.unanswered(err, profile)
	}
	if here {
		a, err := l.withCode(ctx, profile)
		if !errors.Is(err, prompt.ErrElsewhere) {
			return a, err
		}
	}
	return l.withDevice(ctx, profile)
}

// visit is a page that is being shown to a person.
type visit struct {
	over    chan error // why it is not shown any more
	cancel  context.CancelFunc
	showing sync.WaitGroup
}

func (l *login) visit(ctx context.Context, q prompt.Question) *visit {
	q.About, q.Kind, q.Limit = l.about, prompt.Visit, visitLimit
	q.Text = l.what()
	ctx, cancel := context.WithCancel(ctx)
	v := &visit{over: make(chan error, 1), cancel: cancel}
	v.showing.Go(func() {
		_, err := l.c.cfg.Ask(ctx, q)
		v.over <- err
	})
	return v
}

func (v *visit) end() {
	v.cancel()
	v.showing.Wait()
}

// unanswered says why nobody signed in.
func (l *login) unanswered(err error, profile string) error {
	f := &credential.Failure{Code: wire.LoginNeeded, Hint: loginHint(profile)}
	what := l.what()
	switch {
	case errors.Is(err, prompt.ErrElsewhere):
		return err
	case errors.Is(err, prompt.ErrClosed):
		f.Reason = what + ": the question was closed without an answer"
	case errors.Is(err, prompt.ErrExpired), errors.Is(err, context.DeadlineExceeded):
		f.Reason = fmt.Sprintf("%s: nobody did within %d min", what, int(visitLimit.Minutes()))
	case errors.Is(err, prompt.ErrNobody):
		f.Reason = what + ": a person has to be asked, and nobody can be"
	case errors.Is(err, context.Canceled):
		return l.givenUp()
	default:
		f.Reason = text.Clean(fmt.Sprintf("%s: %v", what, err))
	}
	return f
}

// accessDenied is OAuth's word for a no.
const accessDenied = "access_denied"

// denied says that the person, or the page, said no: why is OAuth's word.
func (l *login) denied(why, profile string) *credential.Failure {
	l.c.cfg.Closed(l.about)
	f := &credential.Failure{Code: wire.LoginNeeded, Hint: loginHint(profile)}
	if f.Reason = l.what() + ": access was denied in the browser"; why != accessDenied {
		f.Reason = text.Clean(fmt.Sprintf("%s: the page in the browser says %.40q", l.what(), why))
	}
	return f
}
