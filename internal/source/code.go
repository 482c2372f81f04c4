package source

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// codeTries is how many codes are sent for one session.
const codeTries = 3

// deviceCode signs with keys and adds a code of an MFA device.
type deviceCode struct {
	keySource
	device *device
}

func (d deviceCode) identity(h hash.Hash, to aws.Endpoint) {
	d.keySource.identity(h, to)
	part(h, "mfa", d.device.serial)
}

func (d deviceCode) describe(p *credential.Plan) {
	p.Asks, p.Manual, p.Runs = d.device.about(), !d.device.automatic(), d.device.process != ""
}

// fetch asks for a code and makes the call. Each call has a code of its own: STS
// accepts a code once, and a call without a response may have used it up.
func (d deviceCode) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	keys, err := d.keys(ctx)
	if err != nil {
		return credential.Session{}, err
	}
	if credential.IsUnattended(ctx) && !d.device.automatic() {
		return credential.Session{}, &credential.Failure{
			Code: wire.LoginNeeded, Reason: text.Clean(a.what + ": an MFA code is needed"), Hint: d.loginHint(), Unasked: true,
		}
	}
	q := d.device.question()
	sent := 0
	for range 2 * codeTries {
		code, err := a.r.Ask(ctx, q)
		if err != nil {
			return credential.Session{}, d.unanswered(a, err)
		}
		if !isCode(code.Reveal()) {
			if d.device.automatic() {
				return credential.Session{}, d.badCode(a, "what came in place of a person's answer is no code of six digits")
			}
			q.Notice = "an MFA code is six digits"
			continue
		}
		sent++
		s, err := a.once(ctx, aws.Signed{Keys: keys, Serial: d.device.serial, Code: code})
		notice := retryNotice(a, err)
		if notice == "" {
			return s, err
		}
		if sent == codeTries {
			return credential.Session{}, d.badCode(a, withoutCode(err).Error())
		}
		q.Notice = notice
	}
	return credential.Session{}, d.badCode(a, "what was typed was no code of six digits")
}

// retryNotice says to the user why another code is needed; empty if another code
// would not help.
func retryNotice(a *attempt, err error) string {
	r, refused := errors.AsType[*aws.Refusal](err)
	switch {
	case !refused:
		return ""
	case r.WrongCode():
		return "that code was not accepted; enter the next one"
	case r.OfClock():
		return "this machine's clock is off, which is made up for now; enter the next code"
	case a.shorten(err):
		return "the role allows shorter sessions only; enter the next code for one of an hour"
	}
	return ""
}

func (d deviceCode) loginHint() string {
	return "in a terminal, run: understudy login " + d.device.login
}

// badCode is the Failure of codes that STS rejected, or that are none.
func (d deviceCode) badCode(a *attempt, why string) *credential.Failure {
	return &credential.Failure{Code: wire.LoginNeeded, Reason: text.Clean(why), Hint: d.badCodeHint(a)}
}

func (d deviceCode) badCodeHint(a *attempt) string {
	if d.device.automatic() {
		return "look at mfa_process or the seed of " + d.device.serial + ", and at this machine's clock"
	}
	return "look at the device, its clock and mfa_serial at " + a.at + "; then run: understudy login " + d.device.login
}

// unanswered says why there is no code.
func (d deviceCode) unanswered(a *attempt, err error) error {
	f := &credential.Failure{Code: wire.LoginNeeded, Hint: d.loginHint()}
	what := d.device.question().Text
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
	if d.device.automatic() {
		f.Hint = d.badCodeHint(a)
	}
	f.Reason = text.Clean(f.Reason)
	return f
}

func isCode(s string) bool {
	return len(s) == 6 && !strings.ContainsFunc(s, func(r rune) bool { return !isDigit(r) })
}
