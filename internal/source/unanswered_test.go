package source

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

func TestARefusedConnectionIsReportedAsOne(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	f := newStage(t, "http://"+host, adminRole, aliceKeys).failure(t, "admin")
	if f.Code != wire.Temporary {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, host+" refused the connection")
}

func TestACutConnectionIsReportedAsOne(t *testing.T) {
	s := newStage(t, serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})), adminRole, aliceKeys)
	mustContain(t, s.failure(t, "admin").Reason, "was cut")
}

func TestASilentOrSlowServerHasFiveSeconds(t *testing.T) {
	silent, _ := withSTS(t, adminRole)
	dripping, sts := withSTS(t, adminRole)
	sts.Set(sandbox.Behaviour{Drip: 20 * time.Millisecond})
	hung := sandbox.New()
	hung.Set(sandbox.Behaviour{Fault: sandbox.Fault{Silent: true}})
	silent.EndpointURL = serve(t, hung)
	t.Cleanup(func() { hung.Set(sandbox.Behaviour{}) })

	var wait sync.WaitGroup
	for want, s := range map[string]*stage{"(waiting for the answer)": silent, "(reading the answer)": dripping} {
		p := s.plan(t, "admin")
		wait.Go(func() {
			begin := time.Now()
			_, err := p.Fetch(t.Context(), credential.Session{})
			took := time.Since(begin)
			if took < 4900*time.Millisecond || took > 6*time.Second {
				t.Errorf("%s took %v", want, took)
			}
			f := oneLine(t, err)
			if f.Code != wire.Temporary {
				t.Errorf("code %s", f.Code)
			}
			mustContain(t, f.Reason, "no answer from 127.0.0.1:", "within 5 s "+want)
		})
	}
	wait.Wait()
}

func TestAFetchEndsWithItsContext(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Silent: true}})
	t.Cleanup(func() { sts.Set(sandbox.Behaviour{}) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.plan(t, "admin").Fetch(ctx, credential.Session{})
	mustContain(t, oneLine(t, err).Reason, "given up before 127.0.0.1:", "the caller's time ran out")
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var followed atomic.Int32
	portal := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newStage(t, serve(t, http.RedirectHandler(portal, status)), adminRole, aliceKeys)
		f := s.failure(t, "admin")
		if f.Code != wire.Temporary {
			t.Errorf("code %s", f.Code)
		}
		mustContain(t, f.Reason, http.StatusText(status), "not an STS answer")
	}
	if n := followed.Load(); n != 0 {
		t.Errorf("%d requests went on to the portal", n)
	}
}

func TestARefusingProxyIsReportedWithoutItsPassword(t *testing.T) {
	proxy := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	s := newStage(t, "https://127.0.0.1:1", adminRole, aliceKeys)
	s.Proxy = func(*http.Request) (*url.URL, error) {
		return url.Parse(strings.Replace(proxy, "http://", "http://alice:hunter2@", 1))
	}
	f := s.failure(t, "admin")
	mustContain(t, f.Reason, "the proxy to 127.0.0.1:1 answered 407 Proxy Authentication Required")
	if strings.Contains(f.Reason+f.Hint, "hunter2") {
		t.Errorf("the password is told: %q", f.Reason)
	}
}

func TestNoEnvironmentVariableOfAWSRedirectsACall(t *testing.T) {
	var trapped atomic.Int32
	trap := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_STS": trap, "AWS_ENDPOINT_URL": trap, "AWS_REGION": "xx-trap-1", "AWS_DEFAULT_REGION": "xx-trap-1",
		"AWS_PROFILE": "trap", "AWS_ACCESS_KEY_ID": "AKIATRAP", "AWS_SECRET_ACCESS_KEY": "trap", "AWS_SESSION_TOKEN": "trap",
		"AWS_CA_BUNDLE": "/trap", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_ROLE_ARN": "trap", "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
	} {
		t.Setenv(k, v)
	}
	s, sts := withSTS(t, adminRole)
	s.session(t, "admin")
	if c := sts.Calls()[0]; c.Key != "AKIAIOSFODNN7EXAMPLE" {
		t.Errorf("signed with %s", c.Key)
	}
	if n := trapped.Load(); n != 0 {
		t.Errorf("%d calls went where a variable said", n)
	}
	s.EndpointURL = ""
	write(t, s.query.ConfigFile, strings.ReplaceAll(adminRole, "admin", "elsewhere"))
	p := s.plan(t, "elsewhere")
	if want := endpointOf(t, s, "elsewhere").Resolved; want != "https://sts.us-east-1.amazonaws.com" {
		t.Errorf("%s would ask at %s", p.Profile, want)
	}
}
