package session

import (
	"testing"
	"time"

	"understudy/internal/credential"
)

const m = time.Minute

func TestScheduleFollowsTheTable(t *testing.T) {
	for _, c := range []struct{ life, background, first time.Duration }{
		{12 * time.Hour, 75 * m, 20 * m},
		{90 * m, 75 * m, 20 * m},
		{90*m - 1, 25 * m, 20 * m},
		{60 * m, 25 * m, 20 * m},
		{45 * m, 25 * m, 20 * m},
		{45*m - time.Second, 37*m - time.Second, 16 * m},
		{30 * m, 22 * m, 16 * m},
		{20 * m, 12 * m, 16 * m},
		{20*m - 1, 8 * m, 6 * m},
		{15 * m, 8 * m, 6 * m},
		{9 * m, 8 * m, 6 * m},
		{7 * m, 7 * m * 8 / 15, 6 * m}, // a new one could not meet 8 min
		{5 * m, 5 * m * 8 / 15, 2 * m},
		{time.Minute, 32 * time.Second, time.Minute},
	} {
		background, first := thresholds(c.life)
		if background != c.background || first != c.first {
			t.Errorf("life %v: renewed at %v and %v, want %v and %v", c.life, background, first, c.background, c.first)
		}
		ses, at := issued(c.life)
		for _, v := range []struct {
			left time.Duration
			want verdict
		}{
			{c.life, serve}, {c.background, serve}, {c.background - 1, serveAndRenew}, {c.first - 1, renewFirst}, {0, renewFirst},
		} {
			if v.left < c.first {
				v.want = renewFirst
			}
			age := c.life - v.left
			if got := judge(ses, at(age, 0), 0); got != v.want {
				t.Errorf("life %v, %v left: got %v, want %v", c.life, v.left, got, v.want)
			}
		}
	}
}

// issued returns a session of that life and a clock: the moment at an age, with
// the wall clock off by so much.
func issued(life time.Duration) (credential.Session, func(age, off time.Duration) credential.Moment) {
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ses := credential.Session{Expiration: t0.Add(life), Lifetime: life, Issued: credential.Moment{Wall: t0, Boot: time.Hour, ID: "b"}}
	return ses, func(age, off time.Duration) credential.Moment {
		return credential.Moment{Wall: t0.Add(age + off), Boot: time.Hour + age, ID: "b"}
	}
}

func TestJitterOnlyMakesRenewalEarlierAndByThreeMinutesAtMost(t *testing.T) {
	for _, life := range []time.Duration{m, 15 * m, 16 * m, 20 * m, 45 * m, 60 * m, 90 * m, 12 * time.Hour} {
		background, _ := thresholds(life)
		if widest := spread(life, 1); widest <= 0 || widest > 3*m || background+widest >= life {
			t.Errorf("life %v: renewed up to %v before %v are left", life, widest, background)
		}
	}
}

func TestWallClockThatIsOffNeitherServesNorStorms(t *testing.T) {
	for _, life := range []time.Duration{15 * m, 60 * m, 12 * time.Hour} {
		ses, at := issued(life)
		for _, off := range []time.Duration{-365 * 24 * time.Hour, -8 * time.Hour, -10 * m, 10 * m, 8 * time.Hour, 24 * time.Hour} {
			// Young by the steady clock: a new one would look no better.
			if got := judge(ses, at(life/8-1, off), 0); got != serve {
				t.Errorf("life %v, clock off by %v: a new session is asked for at once (%v)", life, off, got)
			}
			// Ended by the steady clock: renewed whatever the wall clock says.
			if got := judge(ses, at(life, off), 0); got != renewFirst {
				t.Errorf("life %v, clock off by %v: an ended session is served (%v)", life, off, got)
			}
		}
	}
}

func TestAfterARebootTheWallClockDecides(t *testing.T) {
	ses, at := issued(time.Hour)
	for _, c := range []struct {
		age  time.Duration
		want verdict
	}{{10 * m, serve}, {36 * m, serveAndRenew}, {41 * m, renewFirst}, {-10 * m, renewFirst}} {
		now := at(c.age, 0)
		now.ID, now.Boot = "another", time.Second
		if got := judge(ses, now, 0); got != c.want {
			t.Errorf("%v after the issue: got %v, want %v", c.age, got, c.want)
		}
	}
}

func TestDueIsWhenJudgeAsksForARenewalInTheBackground(t *testing.T) {
	for _, life := range []time.Duration{time.Minute, 5 * m, 15 * m, 20 * m, 30 * m, 60 * m, 2 * time.Hour} {
		for _, off := range []time.Duration{0, -20 * m, 4 * m, 5 * m, 14*m + 30*time.Second} {
			ses, at := issued(life)
			for age := time.Duration(0); age < life; age += life / 40 {
				d := due(ses, at(age, off), 0.5)
				if got := judge(ses, at(age, off), 0.5); d < 0 && got == serve || d > 0 && got == serveAndRenew {
					t.Errorf("life %v, off %v, age %v: due in %v, but judged %v", life, off, age, d, got)
				}
				if got := judge(ses, at(age+max(d, 0)+1, off), 0.5); got == serve {
					t.Errorf("life %v, off %v, age %v: not renewed %v later", life, off, age, d)
				}
			}
		}
	}
}

func TestSessionThatTheWallClockShortensIsRenewedAMinuteApartAtLeast(t *testing.T) {
	// Issued for 20 min 10 s by an STS whose clock is 4 min behind: 16 min 10 s
	// are left on arrival, and 16 min is where a caller gets a new one.
	ses, at := issued(20*m + 10*time.Second)
	for _, c := range []struct {
		age  time.Duration
		want verdict
	}{{0, serve}, {11 * time.Second, serve}, {m - 1, serve}, {m, renewFirst}} {
		if got := judge(ses, at(c.age, 4*m), 0); got != c.want {
			t.Errorf("at %v: %v, want %v", c.age, got, c.want)
		}
	}
	if d := due(ses, at(0, 4*m), 0); d != 4*m {
		t.Errorf("renewed in the background after %v, want 4 min", d)
	}
}

func TestBackoffDoublesToAMinute(t *testing.T) {
	want := []time.Duration{1, 2, 4, 8, 16, 32, 60, 60}
	for i, w := range want {
		low, high := delay(i+1, 0), delay(i+1, 0.999)
		if low != w*time.Second || high < low || high > low*6/5 {
			t.Errorf("failure %d: %v to %v, want from %v", i+1, low, high, w*time.Second)
		}
	}
}
