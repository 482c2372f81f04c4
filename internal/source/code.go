package source

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// withCode makes a call that an MFA code goes along with. Each try has a code of
// its own, since STS takes one once and a call without an answer may have
// spent it.
func (c *call) withCode(ctx context.Context, client *sts.Client, base credential.Session) (credential.Session, error) {
	if credential.IsUnattended(ctx) && !c.device.automatic() {
		return credential.Session{}, &credential.Failure{
			Code: wire.LoginNeeded, Reason: text.Clean(c.what + ": an MFA code is needed"), Hint: c.loginHint(), Unasked: true,
		}
	}
	q := c.device.question()
	sent := 0
	for range 2 * codeTries {
		code, err := c.r.Ask(ctx, q)
		if err != nil {
			return credential.Session{}, c.unanswered(err)
		}
		if !isCode(code.Reveal()) {
			if c.device.automatic() {
				return credential.Session{}, c.badCode("what came in place of a person's answer is no code of six digits")
			}
			q.Notice = "an MFA code is six digits"
			continue
		}
		sent++
		s, err := c.once(ctx, client, base, &code)
		again, notice := c.again(err)
		if !again {
			return s, unwrapRefusal(err)
		}
		if sent == codeTries {
			return credential.Session{}, c.badCode(unwrapRefusal(err).Error())
		}
		q.Notice = notice
	}
	return credential.Session{}, c.badCode("what was typed was no code of six digits")
}

// once is try with a deadline of its own.
func (c *call) once(ctx context.Context, client *sts.Client, base credential.Session, code *prompt.Answer) (credential.Session, error) {
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	return c.try(ctx, within, client, shown{keys: c.signing(base), code: code}, c.life())
}

// again reports whether another code may do what this one did not, and what the
// person is told.
func (c *call) again(err error) (again bool, notice string) {
	r, refused := errors.AsType[*refusal](err)
	switch {
	case !refused:
		return false, ""
	case strings.Contains(r.message, "MultiFactorAuthentication failed"):
		return true, "that code was not accepted; enter the next one"
	case isClock(r.code, r.message):
		return true, "this machine's clock is off, which is made up for now; enter the next code"
	case c.role != nil && c.life() > roleSession && tooLong(err):
		c.shorten(c.life())
		return true, "the role allows shorter sessions only; enter the next code for one of an hour"
	}
	return false, ""
}

func (c *call) loginHint() string {
	return "in a terminal, run: understudy login " + c.device.login
}

func (c *call) badCode(why string) *credential.Failure {
	f := &credential.Failure{Code: wire.LoginNeeded, Reason: text.Clean(why),
		Hint: "look at the device, its clock and mfa_serial at " + c.at + "; then run: understudy login " + c.device.login}
	if c.device.automatic() {
		f.Hint = "look at mfa_process or the seed of " + c.device.serial + ", and at this machine's clock"
	}
	return f
}

// unanswered says why there is no code.
func (c *call) unanswered(err error) error {
	f := &credential.Failure{Code: wire.LoginNeeded, Hint: c.loginHint()}
	what := c.device.question().Text
	switch {
	case errors.Is(err, prompt.ErrClosed):
		f.Reason = what + ": the question was closed without an answer"
	case errors.Is(err, prompt.ErrExpired):
		f.Reason = what + ": nobody answered in time"
	case errors.Is(err, prompt.ErrNobody):
		f.Reason = what + ": a person has to be asked, and nobody may be"
	case errors.Is(err, prompt.ErrSpent):
		f.Reason = what + ": the same code came again, and a code counts once"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &credential.Failure{Code: wire.Temporary, Reason: text.Clean(what + ": given up before there was an answer"), Hint: "try again"}
	default:
		f.Reason = fmt.Sprintf("%s: %v", what, err)
	}
	if c.device.automatic() {
		f.Hint = c.badCode("").Hint
	}
	f.Reason = text.Clean(f.Reason)
	return f
}

func isCode(s string) bool {
	return len(s) == 6 && !strings.ContainsFunc(s, func(r rune) bool { return !isDigit(r) })
}
