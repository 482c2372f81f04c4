//go:build linux

package faults

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

// imposter is row 16: who answers is not STS, or cannot prove it.
func imposter(t *trial) {
	ca, other := testbed.NewAuthority(t), testbed.NewAuthority(t)
	hour := time.Now().Add(time.Hour)
	for _, who := range []struct {
		name, says string
		proof      *tls.Config // nil: no TLS
		status     int
	}{
		{"expired", "expired", ca.Server(time.Now().Add(-time.Minute), "localhost"), 0},
		{"another name", "another name", ca.Server(hour, "sts.elsewhere.test"), 0},
		{"unknown CA", "unknown CA", other.Server(hour, "localhost"), 0},
		{"no TLS", "TLS", nil, 0},
		{"login page", "not an STS answer", ca.Server(hour, "localhost"), http.StatusFound},
		{"login page in its place", "not an STS answer", ca.Server(hour, "localhost"), http.StatusOK},
	} {
		w := t.world()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		t.must(err)
		var connections, requests atomic.Int64
		accepted := net.Listener(counted{l, &connections})
		if who.proof != nil {
			accepted = tls.NewListener(accepted, who.proof)
		}
		testbed.Serve(t, accepted, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			rw.Header().Set("Location", "http://portal.test/login")
			rw.WriteHeader(who.status)
			io.WriteString(rw, "<html>Welcome to the hotel")
		}))
		_, port, _ := net.SplitHostPort(l.Addr().String())
		w.URL = "https://localhost:" + port
		w.write("ca.pem", string(ca.PEM()))
		w.Vars["UNDERSTUDY_CA_BUNDLE"] = w.Home + "/ca.pem"
		w.profiles(append(names("cold", 3), actor)...)
		for _, name := range names("cold", 3) {
			for _, o := range w.crowd(t.size(30, 300), fetchLimit, name) {
				t.most("refused", o.Took)
				err := refused(o, 6, who.says)
				if err != nil {
					err = fmt.Errorf("%s: %w", who.name, err)
				}
				t.check(err)
			}
		}
		// Two tries a role, each on one address of localhost or on both.
		t.worst("connections", float64(connections.Load()), "")
		t.checkf(connections.Load() <= 2*3*2, "%s: %d connections", who.name, connections.Load())
		if who.status == 0 {
			t.checkf(requests.Load() == 0, "%s: a signed request was sent", who.name)
		}
	}
}

// networkBack is row 17.
func networkBack(t *trial) {
	t.needRoot("a network of its own")
	parts := map[string]func(*trial){}
	for n := range t.size(3, 10) {
		parts[fmt.Sprint(n)] = arriving
	}
	t.parallel(parts)
}

// arriving is away from the network until the back-off is long, and back.
func arriving(t *trial) {
	w, first := t.overdue(t.network())
	t.must(w.in.loopback(false))
	for began := time.Now(); time.Since(began) < time.Duration(t.size(45, 120))*time.Second; time.Sleep(time.Second) {
		w.keeps("no network", first)
	}
	calls := w.assumed()
	t.must(w.in.loopback(true))
	began := time.Now()
	o := w.ask(actor)
	t.most("renewed after", time.Since(began))
	t.check(served(o))
	t.checkf(o.Stdout != first && w.assumed() == calls+1, "the first request with a network does not renew: %d calls to STS", w.assumed()-calls)
}

// rotated is row 18.
func rotated(t *trial) {
	bob := sandbox.Example()
	bob.Name, bob.AccessKeyID = "bob", "AKIAIOSFODNN7EXAMPL2"
	keys := func(u sandbox.User) string {
		return fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n", u.AccessKeyID, u.Secret.Reveal())
	}
	for range t.size(3, 30) {
		// Rotated: the old key is gone, the file has the new one.
		w, first := t.overdue(nil)
		w.STS.AddUser(bob)
		w.STS.Revoke(sandbox.Example().AccessKeyID)
		w.write(".aws/credentials", keys(bob))
		o := w.ask(actor)
		t.check(served(o))
		t.checkf(o.Stdout != first, "the old session is still served")

		// Revoked: no key is good any more, and one role is not allowed.
		w, _ = t.overdue(nil)
		w.STS.Revoke(sandbox.Example().AccessKeyID)
		w.dropped(actor)

		// Denied: one role, the other goes on.
		w = t.world()
		w.profiles(actor, "other")
		w, _ = w.withKeyring()
		w.warm()
		w.ask("other")
		w.storedWithin(10 * time.Second)
		w.aged(36 * time.Minute)
		w.STS.AddRole(sandbox.Role{ARN: roleARN + actor, Trusts: []string{"arn:aws:iam::111111111111:user/nobody"}, MaxDuration: time.Hour})
		w.STS.AddRole(sandbox.Role{ARN: roleARN + "other", MaxDuration: time.Hour})
		w.ask(actor) // served from memory; the renewal behind it is denied
		w.dropped(actor)
		for range 5 {
			o := w.ask("other")
			t.check(served(o))
		}
	}
}

// dropped counts one try, right when within a second a role is not served any more.
func (w *world) dropped(profile string) {
	began := time.Now()
	w.eventually(time.Second+w.startUp(), "a role that is denied is dropped", func() bool { return w.quick(profile).Status == 4 })
	w.most("dropped after", time.Since(began))
	for range 3 {
		w.check(refused(w.quick(profile), 4))
	}
	w.checkf(w.session(profile).State == "refused", "status says that it is %q", w.session(profile).State)
}

// chain is row 19: the session that signs for another ends first.
func chain(t *trial) {
	w := t.world()
	w.config = "[profile base]\nregion = us-east-1\n" +
		w.profile("middle", "understudy_duration_seconds = 900") +
		strings.Replace(w.profile("top"), "source_profile = base", "source_profile = middle", 1)
	w.write(".aws/config", w.config)
	w, _ = w.withKeyring()
	w.start()
	first := w.ask("top")
	t.check(served(first))
	w.storedWithin(10 * time.Second)

	// The middle has ended; the top has not, and is served without it.
	w.aged(20 * time.Minute)
	calls := w.assumed()
	t.check(same(w.quick("top"), first))
	t.checkf(w.assumed() == calls, "STS was asked for a session that is good")

	// The top is due. The middle is refused: the top is still served, and the
	// status shows why it is not renewed.
	w.STS.AddRole(sandbox.Role{ARN: roleARN + "middle", Trusts: []string{"arn:aws:iam::111111111111:user/nobody"}})
	w.STS.AddRole(sandbox.Role{ARN: roleARN + "top"})
	w.aged(45 * time.Minute)
	for range 5 {
		t.check(same(w.ask("top"), first))
	}
	told := w.session("top").LastError
	t.checkf(told != nil && strings.Contains(told.Message, "middle"), "status does not tell why the top is not renewed: %v", told)
	w.aged(59*time.Minute + 30*time.Second)
	t.checkf(w.ask("top").Status != 0, "the top is served with half a minute left")
	w.aged(70 * time.Minute)
	for range 3 {
		t.checkf(w.ask("top").Status != 0, "the top is served past its own end")
	}
	// When it is allowed again, the whole chain is fetched again.
	w.STS.AddRole(sandbox.Role{ARN: roleARN + "middle"})
	w.again()
	o := w.ask("top")
	t.check(served(o))
	t.checkf(o.Stdout != first.Stdout, "the session that has ended is served")
}

// skewed is row 22.
func skewed(t *trial) {
	for _, by := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		for _, code := range []string{"", "RequestTimeTooSkewed"} {
			w := t.world()
			w.behave(sandbox.Behaviour{Skew: by, Window: 5 * time.Minute, SkewCode: code})
			w.start()
			o := w.ask(actor)
			t.check(served(o))
			t.checkf(w.assumed() <= 2, "%d calls", w.assumed())
			t.worst("calls", float64(w.assumed()), "")
			off := time.Duration(w.status().Daemon.ClockSkewS) * time.Second
			t.checkf((off-by).Abs() < 10*time.Second, "the skew of %v is reported as %v", by, off)
			t.checkf(strings.Contains(w.log(), "clock is off"), "the log does not say that the clock is off")
			for range 5 {
				t.check(same(w.quick(actor), o))
			}
		}
	}
}
