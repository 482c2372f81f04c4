package session

import (
	"testing"
	"time"

	"understudy/cache"
	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

var noon = credential.Moment{Wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Boot: time.Hour, ID: "boot"}

// situation has the arguments of decide, and the decision wanted.
type situation struct {
	left    time.Duration // of a session of an hour; 0: there is none
	flying  bool          // a fetch is in progress
	failure *credential.Failure
	waited  time.Duration // since that failure
	moved   bool          // to another network, since then
	breaker int           // sessions that the issuer failed; 3 open it
	probing bool
	manual  bool
	changed bool // the file that the session was made from
	want    Want

	do     action
	renew  bool
	reason *credential.Failure // of a refusal
}

func (s situation) entry() *entry {
	e := newEntry(cache.Record{ID: "id"})
	e.jitter = 0
	e.plan = &credential.Plan{ID: "id", Issuer: "sts", Manual: s.manual}
	if s.changed {
		e.stamp = "before"
	}
	if s.left > 0 {
		e.holding = held
		e.session = credential.Session{
			AccessKeyID: "ASIA-id", Lifetime: time.Hour, Expiration: noon.Wall.Add(s.left),
			Issued: credential.Moment{Wall: noon.Wall.Add(s.left - time.Hour), Boot: noon.Boot + s.left - time.Hour, ID: noon.ID},
		}
	}
	if s.flying {
		e.flight = &flight{}
	}
	if s.failure != nil {
		e.backoff.fail(s.failure, credential.Moment{Wall: noon.Wall.Add(-s.waited), Boot: noon.Boot - s.waited, ID: noon.ID}, "home")
	}
	return e
}

var errStorm = &credential.Failure{Code: wire.Temporary, Reason: "throttled"}

func (s situation) issuer() *breaker {
	if s.breaker == 0 {
		return nil
	}
	br := &breaker{}
	for i := range s.breaker {
		br.record(string(rune('a'+i)), errStorm, noon, "home")
	}
	br.probing = s.probing
	return br
}

func TestWhatIsDoneForARequest(t *testing.T) {
	const fresh, due, first, nearEnd = 50 * time.Minute, 24 * time.Minute, 19 * time.Minute, 30 * time.Second
	down, denied, unasked := sessiontest.ErrDown, sessiontest.ErrDenied, &credential.Failure{Code: wire.LoginNeeded, Unasked: true}
	asked := &credential.Failure{Code: wire.LoginNeeded}
	slow := &credential.Failure{Code: wire.Temporary, RetryAfter: time.Minute}
	user, login, background := Want{Interactive: true}, Want{Login: true}, Want{background: true}
	for name, s := range map[string]situation{
		"nothing is known":                                   {do: start},
		"a fetch is in progress":                             {flying: true, do: join},
		"a fresh session":                                    {left: fresh, do: serveNow},
		"a fresh session of a file that changed":             {left: fresh, changed: true, do: serveNow, renew: true},
		"a session to renew in the background":               {left: due, do: serveNow, renew: true},
		"the same, while that failed a moment ago":           {left: due, failure: down, do: serveNow},
		"the same, on another network":                       {left: due, failure: down, moved: true, do: serveNow, renew: true},
		"the same, while its issuer is down":                 {left: due, breaker: 3, do: serveNow},
		"the same, of a file that changed, issuer down":      {left: due, breaker: 3, changed: true, do: serveNow, renew: true},
		"a session to renew before it is served":             {left: first, do: start},
		"the same, whose renewal is in progress":             {left: first, flying: true, do: join},
		"the same, while that failed":                        {left: first, failure: down, do: serveNow},
		"one to renew first, while its issuer is down":       {left: first, breaker: 3, do: serveNow},
		"a session that does not last for a request":         {left: nearEnd, failure: down, do: refuse, reason: down},
		"a session that needs the user is served until then": {left: first, manual: true, do: serveNow},
		"and is not renewed":                                 {left: due, manual: true, changed: true, do: serveNow},
		"except for a user who logs in":                      {left: first, manual: true, want: login, do: start},
		"and not in its last minute":                         {left: nearEnd, manual: true, do: start},
		"a temporary failure":                                {failure: down, do: refuse, reason: down},
		"also for a user":                                    {failure: down, want: user, do: refuse, reason: down},
		"after its back-off":                                 {failure: down, waited: 2 * time.Second, do: start},
		"on another network":                                 {failure: down, moved: true, do: start},
		"unless the issuer said how long to wait":            {failure: slow, moved: true, do: refuse, reason: slow},
		"a refusal":                                       {failure: denied, do: refuse, reason: denied},
		"also on another network":                         {failure: denied, moved: true, do: refuse, reason: denied},
		"but not for a user":                              {failure: denied, want: user, do: start},
		"nor after its time":                              {failure: denied, waited: negativeTTL, do: start},
		"a question that no one answered":                 {failure: asked, do: refuse, reason: asked},
		"but not for a user who logs in":                  {failure: asked, want: login, do: start},
		"a question that was not asked in the background": {failure: unasked, do: start},
		"but not again in the background":                 {failure: unasked, want: background, do: refuse, reason: unasked},
		"an issuer that failed for two":                   {breaker: 2, do: start},
		"an issuer that failed for three":                 {breaker: 3, do: refuse, reason: errStorm},
		"on another network too":                          {breaker: 3, moved: true, do: start},
		"a user may probe it":                             {breaker: 3, want: user, do: start},
		"unless a probe is in progress":                   {breaker: 3, probing: true, want: user, do: refuse, reason: errStorm},
		"a session's own failure comes first":             {breaker: 3, failure: denied, do: refuse, reason: denied},
	} {
		t.Run(name, func(t *testing.T) {
			network := "home"
			if s.moved {
				network = "train"
			}
			got := decide(s.entry(), s.issuer(), s.want, noon, network)
			if want := (decision{s.do, s.renew, s.reason}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestADecisionChangesNothing(t *testing.T) {
	s := situation{left: 19 * time.Minute, failure: sessiontest.ErrDown, breaker: 3, changed: true}
	e, br := s.entry(), s.issuer()
	before, issuer := *e, *br
	decide(e, br, Want{Login: true}, noon, "train")
	if e.backoff != before.backoff || e.stamp != before.stamp || e.holding != before.holding || e.record.Uses != before.record.Uses {
		t.Error("the entry changed")
	}
	if br.backoff != issuer.backoff || br.probing != issuer.probing || len(br.failed) != len(issuer.failed) {
		t.Error("the breaker changed")
	}
}
