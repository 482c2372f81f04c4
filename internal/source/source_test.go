package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"weak"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

func TestAnUnknownProfileIsReportedWithSimilarNames(t *testing.T) {
	s := newStage(t, "", adminRole, aliceKeys)
	f := s.refusal(t, "admn")
	if f.Code != wire.UnknownProfile {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, `no profile "admn"`)
	mustContain(t, f.Hint, "admin")
}

func TestTheLastGoodContentOfABrokenFileIsUsedAndTheErrorLoggedOnce(t *testing.T) {
	s := newStage(t, "", adminRole, aliceKeys)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	read, broken := s.Read, error(nil)
	s.Read = func(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
		cfg, err := read(ctx, f)
		return cfg, errors.Join(err, broken)
	}
	first := s.plan(t, "admin")
	broken = &credential.Failure{Code: wire.BadConfig, Reason: "config:3: a broken line", Hint: "mend it"}
	for range 3 {
		if s.plan(t, "admin").ID != first.ID {
			t.Error("another plan")
		}
	}
	if n := strings.Count(log.String(), "config:3: a broken line"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
	if _, err := s.resolve(t, "nobody"); !errors.Is(err, broken) {
		t.Errorf("a profile that may stand in the broken part: %v", err)
	}
}

func TestAFileWithoutGoodContentIsRejected(t *testing.T) {
	refused := &credential.Failure{Code: wire.BadConfig, Reason: "not trusted", Hint: "understudy trust"}
	r := &Resolver{Read: func(context.Context, awsconfig.Files) (*awsconfig.Config, error) { return nil, refused }}
	if _, err := r.Resolve(t.Context(), credential.Query{Profile: "x"}); err != error(refused) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnchangedConfigurationGivesTheSamePlan(t *testing.T) {
	s := newStage(t, "", adminRole, aliceKeys)
	first := s.plan(t, "admin")
	if s.plan(t, "admin") != first {
		t.Error("another plan")
	}
	write(t, s.query.ConfigFile, strings.ReplaceAll(adminRole, "Admin", "Reader"))
	if s.plan(t, "admin").RoleARN == first.RoleARN {
		t.Error("the old role would be served")
	}
}

func TestPlansOfManyFilesAreBounded(t *testing.T) {
	s := newStage(t, "", adminRole, aliceKeys)
	for i := range 3 * maxPairs {
		s.query.ConfigFile = filepath.Join(t.TempDir(), "config")
		write(t, s.query.ConfigFile, fmt.Sprintf("# %d\n%s", i, adminRole))
		s.plan(t, "admin")
	}
	if n := len(s.plans.pairs); n != maxPairs || len(s.plans.order) != maxPairs {
		t.Errorf("%d pairs are kept", n)
	}
}

func TestForgetLeavesNoPlanInMemory(t *testing.T) {
	s := newStage(t, "", adminRole, aliceKeys)
	kept := weak.Make(s.plan(t, "admin"))
	read := s.Read
	s.Read = func(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
		cfg, err := read(ctx, f)
		if f != (awsconfig.Files{Config: s.query.ConfigFile, Credentials: s.query.CredentialsFile}) {
			s.Forget() // in the middle of a Resolve
		}
		return cfg, err
	}
	elsewhere := s.query
	elsewhere.ConfigFile, elsewhere.Profile = filepath.Join(t.TempDir(), "config"), "admin"
	write(t, elsewhere.ConfigFile, adminRole)
	p, err := s.Resolve(t.Context(), elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	caught := weak.Make(p)
	p = nil
	runtime.GC()
	if kept.Value() != nil || caught.Value() != nil {
		t.Errorf("kept before: %v, made meanwhile: %v", kept.Value() != nil, caught.Value() != nil)
	}
	s.plan(t, "admin") // and it goes on
}

func TestAHundredResolveWhileTheConfigurationChanges(t *testing.T) {
	s := newStage(t, "", adminRole, aliceKeys)
	known := make(map[string]bool)
	variant := func(i int) string { return adminRole + fmt.Sprintf("external_id = change-%d\n", i%4) }
	for i := range 4 {
		write(t, s.query.ConfigFile, variant(i))
		known[s.plan(t, "admin").ID] = true
	}
	stop := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				replace(t, s.query.ConfigFile, variant(i))
			}
		}
	})
	q := s.query
	q.Profile = "admin"
	for range 100 {
		readers.Go(func() {
			for range 20 {
				p, err := s.Resolve(t.Context(), q)
				if err != nil {
					t.Error(err)
				} else if !known[p.ID] {
					t.Errorf("a plan of no configuration there was: %s", p.ID)
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	writer.Wait()
}

// Each of these packages would read the environment, run commands or get
// credentials by itself.
func TestNothingOfTheSDKsOwnLoadingIsLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 100 {
		t.Fatalf("go list names %d packages only", len(deps))
	}
	for _, d := range deps {
		for banned, why := range map[string]string{
			"github.com/aws/aws-sdk-go-v2/config":                   "it loads AWS_* and the shared files",
			"github.com/aws/aws-sdk-go-v2/credentials/processcreds": "its errors hold the whole output of a command, secrets and all",
			"github.com/aws/aws-sdk-go-v2/credentials/stscreds":     "what STS is asked, and how often, is decided here",
		} {
			if d == banned || strings.HasPrefix(d, banned+"/") {
				t.Errorf("%s is linked: %s", d, why)
			}
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	s := newStage(b, "", adminRole, aliceKeys)
	q := s.query
	q.Profile = "admin"
	cfg, err := s.Read(b.Context(), filesOf(s))
	if err != nil {
		b.Fatal(err)
	}
	read := s.Read
	b.Run("WithReader", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Resolve(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Alone", func(b *testing.B) {
		s.Read = func(context.Context, awsconfig.Files) (*awsconfig.Config, error) { return cfg, nil }
		defer func() { s.Read = read }()
		for b.Loop() {
			if _, err := s.Resolve(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
	})
}
