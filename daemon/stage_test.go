package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// stage is a server in a synctest bubble with an issuer that does as told. Its
// clocks are the bubble's; wall may be set off against it.
type stage struct {
	t      *testing.T
	server *Server
	began  time.Time
	boot   string

	mu     sync.Mutex
	wall   time.Duration // the wall clock's offset
	plans  map[string]*credential.Plan
	life   time.Duration
	byID   map[string]time.Duration // in place of life, for a session of that identity
	delay  time.Duration
	fault  error
	calls  int
	flying int      // fetches under way
	most   int      // the most there were
	codes  []string // that a person gave
}

type option func(*Config)

// play runs f on a stage in a bubble and closes the server afterwards.
func play(t *testing.T, f func(*stage), options ...option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := &stage{t: t, began: time.Now(), boot: "boot-1", plans: map[string]*credential.Plan{}, life: time.Hour, delay: 100 * time.Millisecond}
		st.plan("prod", "id-prod")
		st.open(options...)
		f(st)
		st.close()
	})
}

func (st *stage) open(options ...option) {
	st.t.Helper()
	sessions, err := cache.Open(cache.Config{})
	if err != nil {
		st.t.Fatal(err)
	}
	c := Config{Resolve: st.resolve, Cache: sessions, Now: st.now, Version: "test", Log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(&c)
	}
	st.server = New(c)
}

func (st *stage) close() {
	st.server.Close()
	if err := st.server.cfg.Cache.Close(context.Background()); err != nil {
		st.t.Error(err)
	}
}

func (st *stage) now() credential.Moment {
	st.mu.Lock()
	defer st.mu.Unlock()
	return credential.Moment{Wall: time.Now().Add(st.wall).Round(0), Boot: time.Since(st.began), ID: st.boot}
}

// plan adds a profile that is served the session with that identity.
func (st *stage) plan(profile, id string) *credential.Plan {
	p := &credential.Plan{ID: id, Profile: profile, RoleARN: "arn:aws:iam::123456789012:role/" + id, Source: "test"}
	p.Fetch = func(ctx context.Context, base credential.Session) (credential.Session, error) {
		return st.issue(ctx, id)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.plans[profile] = p
	return p
}

func (st *stage) resolve(_ context.Context, q credential.Query) (*credential.Plan, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if p := st.plans[q.Profile]; p != nil {
		return p, nil
	}
	return nil, &credential.Failure{Code: wire.UnknownProfile, Reason: "no profile " + q.Profile, Hint: "add it"}
}

// issue is the issuer: it counts, waits as told, then fails or answers. Its
// clock is the bubble's.
func (st *stage) issue(ctx context.Context, id string) (credential.Session, error) {
	st.mu.Lock()
	st.calls++
	n, delay, fault, life := st.calls, st.delay, st.fault, st.life
	if d, ok := st.byID[id]; ok {
		life = d
	}
	st.flying++
	st.most = max(st.most, st.flying)
	st.mu.Unlock()
	defer func() { st.mu.Lock(); st.flying--; st.mu.Unlock() }()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return credential.Session{}, ctx.Err()
	}
	if fault != nil {
		return credential.Session{}, fault
	}
	return credential.Session{
		AccessKeyID:     fmt.Sprintf("ASIA-%s-%d", id, n),
		SecretAccessKey: credential.NewSecret("made-up"), SessionToken: credential.NewSecret("made-up-too"),
		Expiration: time.Now().Add(life).Truncate(time.Second).UTC(), Lifetime: life, Issued: st.now(),
	}, nil
}

func (st *stage) set(f func()) { st.mu.Lock(); defer st.mu.Unlock(); f() }

func (st *stage) count() int { st.mu.Lock(); defer st.mu.Unlock(); return st.calls }

func (st *stage) query(profile string) credential.Query {
	return credential.Query{Profile: profile, ConfigFile: "/home/a/.aws/config", CredentialsFile: "/home/a/.aws/credentials"}
}

// ask asks as the helper does and returns the session it got.
func (st *stage) ask(profile string) (credential.Session, error) {
	q := st.query(profile)
	p, err := st.resolve(context.Background(), q)
	if err != nil {
		return credential.Session{}, err
	}
	return st.server.session(context.Background(), p, demand{query: q})
}

func (st *stage) mustAsk(profile string) credential.Session {
	st.t.Helper()
	ses, err := st.ask(profile)
	if err != nil {
		st.t.Fatalf("after %v: %v", time.Since(st.began), err)
	}
	return ses
}

// send writes one line to the server over a pipe and returns its last line.
func (st *stage) send(line string) string {
	st.t.Helper()
	client, server := net.Pipe()
	go st.server.ServeConn(context.Background(), server, wire.Peer{})
	go io.WriteString(client, line)
	defer client.Close()
	r, last := bufio.NewReaderSize(client, wire.MaxLine), ""
	for {
		got, err := r.ReadString('\n')
		if err != nil {
			return last
		}
		last = got[:len(got)-1]
	}
}

func code(err error) wire.Code {
	if f, ok := errors.AsType[*credential.Failure](err); ok {
		return f.Code
	}
	return ""
}

var (
	errDown   = &credential.Failure{Code: wire.Temporary, Reason: "connection refused", Hint: "wait"}
	errDenied = &credential.Failure{Code: wire.Denied, Reason: "AccessDenied", Hint: "ask for it"}
)
