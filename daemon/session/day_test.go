package session

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// A day in virtual time: sessions of every length, each asked for once in a
// quarter of an hour, while STS throttles all calls for an hour, the laptop
// sleeps, and its clock is set an hour ahead and an hour back.
const (
	askEvery = 15 * time.Minute

	throttledFrom, throttledTill = 4 * time.Hour, 5 * time.Hour
	asleepFrom, asleepTill       = 8 * time.Hour, 9*time.Hour + 30*time.Minute
	aheadFrom, aheadTill         = 13 * time.Hour, 14 * time.Hour
	behindFrom, behindTill       = 18 * time.Hour, 19 * time.Hour

	// settled is how long after a disturbance its traces are excused: a back-off
	// ends, and what came due meanwhile is fetched 25 a second.
	settled = 10 * time.Minute

	mostCalls = 50 // in any second
)

// lives are the lifetimes of the sessions, a tenth of them each.
var lives = []time.Duration{15 * m, 30 * m, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour, 90 * m, 4 * time.Hour, 12 * time.Hour}

// day is the issuer, and counts the calls and the outcomes.
type day struct {
	broker *Broker
	began  time.Time
	slept  atomic.Int64 // not part of the bubble's clock

	mu      sync.Mutex
	calls   map[int]int           // in each second of the day
	byLife  map[time.Duration]int // calls, those that were throttled left out
	refused int                   // calls that were throttled
	served  int
	unlucky int // asks that failed for an excused reason
	wrong   []string
}

// hour is the time since the start of the day, including sleep.
func (d *day) hour() time.Duration { return time.Since(d.began) + time.Duration(d.slept.Load()) }

func during(t, from, till time.Duration) bool { return from <= t && t < till }

func (d *day) clocks() credential.Moment {
	t := d.hour()
	off := time.Duration(0)
	switch {
	case during(t, aheadFrom, aheadTill):
		off = time.Hour
	case during(t, behindFrom, behindTill):
		off = -time.Hour
	}
	return credential.Moment{Wall: d.began.Add(t + off).Round(0), Boot: t, ID: "boot"}
}

// issueFor is STS, whose own clock is right.
func (d *day) issueFor(ctx context.Context, life time.Duration) (credential.Session, error) {
	t := d.hour()
	throttled := during(t, throttledFrom, throttledTill)
	d.mu.Lock()
	d.calls[int(t/time.Second)]++
	n := len(d.calls)
	if throttled {
		d.refused++
	} else {
		d.byLife[life]++
	}
	d.mu.Unlock()
	select {
	case <-time.After(30 * time.Millisecond):
	case <-ctx.Done():
		return credential.Session{}, ctx.Err()
	}
	if throttled {
		return credential.Session{}, &credential.Failure{Code: wire.Temporary, Reason: "Throttling: Rate exceeded", Hint: "wait"}
	}
	return credential.Session{
		AccessKeyID: fmt.Sprintf("ASIA-%d", n), SecretAccessKey: credential.NewSecret("made-up"), SessionToken: credential.NewSecret("made-up-too"),
		Expiration: d.began.Add(d.hour() + life).Truncate(time.Second).UTC(), Lifetime: life, Issued: d.clocks(),
	}, nil
}

// ask asks for p's session as a helper does, and checks the result.
func (d *day) ask(p *credential.Plan, life time.Duration) {
	asked := d.hour()
	ses, err := d.broker.session(context.Background(), p, credential.Query{Profile: p.Profile}, Want{})
	now, t := d.clocks(), d.hour()
	d.mu.Lock()
	defer d.mu.Unlock()
	down := during(asked, throttledFrom, throttledTill+settled)
	off := during(t, aheadFrom, aheadTill) || during(asked, behindFrom, aheadTill)
	switch {
	case err != nil && sessiontest.Code(err) == wire.Temporary && (down || off && life <= time.Hour):
		d.unlucky++
	case err != nil:
		d.wrong = append(d.wrong, fmt.Sprintf("after %v, a life of %v: %v", asked, life, err))
	case !ses.Expiration.After(now.Wall), now.Boot-ses.Issued.Boot >= ses.Lifetime:
		d.wrong = append(d.wrong, fmt.Sprintf("after %v, a life of %v: expired", asked, life))
	default:
		d.served++
		if _, first := thresholds(life); !down && !off && ses.Left(now) < first-time.Second {
			d.wrong = append(d.wrong, fmt.Sprintf("after %v, a life of %v: served with %v left", asked, life, ses.Left(now)))
		}
	}
}

// live lets the day pass. Each second it asks for the sessions whose turn it is.
func (d *day) live(plans []*credential.Plan) {
	var asks sync.WaitGroup
	defer asks.Wait()
	next := 0 // of the plans, going round once in askEvery
	for {
		t := d.hour()
		if d.slept.Load() == 0 && t >= asleepFrom {
			d.slept.Store(int64(asleepTill - asleepFrom))
			continue
		}
		if t >= 24*time.Hour {
			return
		}
		awake := time.Since(d.began)
		for ; time.Duration(next)*askEvery/time.Duration(len(plans)) <= awake; next++ {
			i := next % len(plans)
			asks.Go(func() { d.ask(plans[i], lives[i%len(lives)]) })
		}
		time.Sleep(time.Second)
	}
}

func TestADayOfThrottlingSleepAndClocksThatJump(t *testing.T) {
	sessions := 10000
	if testing.Short() || raceDetector {
		sessions = 500
	}
	d := &day{calls: map[int]int{}, byLife: map[time.Duration]int{}}
	play(t, func(st *stage) {
		d.broker = st.broker
		plans := make([]*credential.Plan, sessions)
		for i := range plans {
			plans[i] = st.Plan(fmt.Sprintf("p%d", i), fmt.Sprintf("id-%d", i))
			plans[i].Issuer = "sts.example"
			plans[i].Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
				return d.issueFor(ctx, lives[i%len(lives)])
			}
		}
		d.live(plans)
		synctest.Wait()
	}, func(c *Config) {
		d.began, c.Now = time.Now(), d.clocks
	})
	d.judge(t, sessions)
}

func (d *day) judge(t *testing.T, sessions int) {
	t.Helper()
	busiest := slices.Max(slices.Collect(maps.Values(d.calls)))
	t.Logf("%d served, %d came to nothing where that is excused, %d calls throttled, %d in the busiest second", d.served, d.unlucky, d.refused, busiest)
	for i, w := range d.wrong {
		if i == 10 {
			t.Errorf("and %d more", len(d.wrong)-i)
			break
		}
		t.Error(w)
	}
	if busiest > mostCalls {
		t.Errorf("%d calls in one second, want at most %d", busiest, mostCalls)
	}
	var got, want float64
	for life, n := range d.byLife {
		of := 0
		for _, l := range lives {
			if l == life {
				of++
			}
		}
		each, plan := float64(n)/float64(sessions*of/len(lives)), scheduled(life)
		t.Logf("a life of %v: %.2f calls a session, %.2f by the schedule", life, each, plan)
		got, want = got+each*float64(of), want+plan*float64(of)
	}
	if off := got/want - 1; math.Abs(off) > 0.05 {
		t.Errorf("%.1f %% off the schedule", 100*off)
	}
	// STS is asked rarely while it throttles.
	if most := 150; d.refused > most {
		t.Errorf("%d calls while STS throttled, want at most %d", d.refused, most)
	}
}

// scheduled is how often a session of that lifetime is fetched on this day if it is
// fetched exactly when it is due, or as soon after that as STS answers and the laptop
// is awake.
func scheduled(life time.Duration) float64 {
	const phases = 100
	background, _ := thresholds(life)
	calls := 0
	for i := range phases {
		jitter := float64(i) / phases
		for t := askEvery * time.Duration(i) / phases; t < 24*time.Hour; t += life - background - spread(life, jitter) {
			switch {
			case during(t, throttledFrom, throttledTill):
				t = throttledTill
			case during(t, asleepFrom, asleepTill):
				t = asleepTill
			}
			calls++
		}
	}
	return float64(calls) / phases
}
