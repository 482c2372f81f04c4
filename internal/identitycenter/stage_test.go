package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/smithy-go"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/sandbox"
	fake "understudy/internal/sandbox/identitycenter"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// address is where the fake services are for whoever goes through a stage's
// transport; nobody else finds them there.
const address = "http://127.0.0.1:9"

// stage is a Center before a fake Identity Center in the same process, so that
// a bubble's time goes on, with a desk and a browser that does as the fake says.
type stage struct {
	*Center
	t     testing.TB
	fake  *fake.Server
	desk  *prompt.Desk
	store *shelf
	place Place

	mu    sync.Mutex
	files map[string][]byte
	tabs  []string // addresses that the browser opened
	pages []string // what it ended on
	calls int
}

// newStage makes a stage; browser says whether this machine has one.
func newStage(t testing.TB, browser bool) *stage {
	t.Helper()
	s := &stage{t: t, fake: fake.New(sandbox.New()), store: &shelf{items: map[string]string{}}, files: map[string][]byte{}}
	accounts := fake.Accounts()
	accounts[0].Roles = []string{"Admin", "Reader", "Writer", "Auditor", "Billing"}
	s.fake.SetAccounts(accounts)
	cfg := prompt.Config{}
	if browser {
		cfg.Browse = s.browse
	}
	s.desk = prompt.NewDesk(cfg)
	s.place = Place{
		StartURL: fake.StartURL, Region: fake.Region, Scopes: []string{"sso:account:access"}, Session: "corp",
		OIDC: address, Portal: address, Call: s.call,
	}
	s.open()
	t.Cleanup(s.shut)
	return s
}

// open makes a Center, as a daemon that starts does.
func (s *stage) open() {
	s.Center = New(Config{
		Store: s.store, Ask: s.desk.Ask, Reach: s.desk.Reach, Closed: s.desk.Closed,
		CLIFile: func(name string) ([]byte, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if f, ok := s.files[name]; ok {
				return f, nil
			}
			return nil, errors.New("no such file")
		},
	})
}

func (s *stage) shut() {
	s.fake.Set(fake.Behaviour{}) // lets silent calls go
	if err := s.Close(context.Background()); err != nil {
		s.t.Error(err)
	}
}

// call is what internal/source makes of a call, in short.
func (s *stage) call(ctx context.Context, what string, do func(context.Context, *http.Client) error) (aws.Response, error) {
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	err := do(ctx, &http.Client{Transport: inProcess{s.fake}})
	if _, ok := errors.AsType[smithy.APIError](err); err == nil || ok {
		return aws.Response{}, err
	}
	return aws.Response{}, &credential.Failure{Code: wire.Temporary, Reason: what + ": no answer", Hint: "try again"}
}

// inProcess sends requests for address to a handler, all others on their way.
type inProcess struct{ to http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if "http://"+r.URL.Host != address {
		return http.DefaultTransport.RoundTrip(r)
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	defer func() {
		if recover() != nil { // how the fake drops a caller that is not answered
			resp, err = nil, io.ErrUnexpectedEOF
		}
	}()
	p.to.ServeHTTP(w, in)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}

// browse is the browser: it follows where the page sends it.
func (s *stage) browse(ctx context.Context, url string) error {
	s.mu.Lock()
	s.tabs = append(s.tabs, url)
	s.mu.Unlock()
	go func() { // a browser goes on when whoever opened it has gone
		resp, err := (&http.Client{Transport: inProcess{s.fake}}).Get(url)
		text := ""
		if err == nil {
			b, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			text = string(b)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pages = append(s.pages, text)
	}()
	return nil
}

func (s *stage) opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tabs)
}

func role(name string) Role { return Role{Account: "123456789012", Name: name, Profile: "dev"} }

// must fetches, and demands that it works.
func (s *stage) must(name string) credential.Session {
	s.t.Helper()
	ses, err := s.Fetch(context.Background(), s.place, role(name))
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return ses
}

// refused fetches, and demands a whole failure of that code.
func (s *stage) refused(ctx context.Context, name string, code wire.Code) *credential.Failure {
	s.t.Helper()
	_, err := s.Fetch(ctx, s.place, role(name))
	f, ok := err.(*credential.Failure)
	if !ok {
		s.t.Fatalf("the error is a %T: %v", err, err)
	}
	if f.Code != code || f.Reason == "" || f.Hint == "" || text.Clean(f.Reason) != f.Reason {
		s.t.Fatalf("got %s: %q (%q), want %s", f.Code, f.Reason, f.Hint, code)
	}
	return f
}

// sits gives the caller a terminal that shows a code's page, and reads the user
// code from it.
func (s *stage) sits() string {
	s.t.Helper()
	seat := s.desk.Sit([]string{s.place.About()}, true)
	defer seat.Leave()
	v := seat.Look()
	if !v.Mine || v.Question.Kind != prompt.Visit {
		s.t.Fatalf("no page is shown here: %+v", v)
	}
	seat.Answer(v.ID, credential.Secret{})
	return v.Question.UserCode
}

func (s *stage) count(op string, want int) {
	s.t.Helper()
	if n := s.fake.Count(op); n != want {
		s.t.Errorf("%s was called %d times, want %d", op, n, want)
	}
}

// shelf is a Store in memory that does as told.
type shelf struct {
	mu    sync.Mutex
	items map[string]string
	sick  error
	gets  int
}

func (s *shelf) Get(_ context.Context, key string) (credential.Secret, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	v, ok := s.items[key]
	return credential.NewSecret(v), ok && s.sick == nil, s.sick
}

func (s *shelf) Set(_ context.Context, key string, value credential.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sick == nil {
		s.items[key] = value.Reveal()
	}
	return s.sick
}

func (s *shelf) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sick == nil {
		delete(s.items, key)
	}
	return s.sick
}

func (s *shelf) become(sick error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sick = sick
}

// has reports whether something with that text is kept.
func (s *shelf) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(fmt.Sprint(s.items), text)
}
