package awsconfig

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// settle makes a file look as if it had been written long before.
func settle(t *testing.T, paths ...string) {
	t.Helper()
	for _, p := range paths {
		then := time.Now().Add(-time.Hour).Truncate(time.Second).Add(time.Millisecond)
		if err := os.Chtimes(p, then, then); err != nil {
			t.Fatal(err)
		}
	}
}

func rewrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t *testing.T, r *Reader, f Files) *Config {
	t.Helper()
	c, err := r.Read(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnUnchangedPairIsNotOpenedAgain(t *testing.T) {
	opened := 0
	r := Reader{Approve: func(string, []byte) error { opened++; return nil }}
	f := write(t, "[profile x]\nregion = a\n", "")
	settle(t, f.Config, f.Credentials)
	first := mustRead(t, &r, f)
	for range 10 {
		if c := mustRead(t, &r, f); c != first || c.Version() != first.Version() {
			t.Fatal("another Config for the same files")
		}
	}
	if opened != 2 {
		t.Errorf("approved %d times, want once a file", opened)
	}
}

func TestAChangedFileIsReadAgain(t *testing.T) {
	var r Reader
	f := write(t, "[profile x]\nregion = a\n", "")
	first := mustRead(t, &r, f)
	rewrite(t, f.Config, "[profile x]\nregion = b\n")
	second := mustRead(t, &r, f)
	if first.Version() == second.Version() {
		t.Error("the version did not change")
	}
	for c, want := range map[*Config]string{first: "a", second: "b"} {
		if v, _ := profile(t, c, "x").Get("region"); v.Text != want {
			t.Errorf("region %q, want %q", v.Text, want)
		}
	}
}

func TestAChangeThatLeavesTheStampIsSeenWhileTheFileIsYoung(t *testing.T) {
	f := write(t, "[profile x]\nregion = a\n", "")
	synctest.Test(t, func(t *testing.T) {
		var r Reader
		if err := os.Chtimes(f.Config, time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
		c := mustRead(t, &r, f)
		rewrite(t, f.Config, "[profile x]\nregion = b\n")
		r.kept[f].stamps = [2]stamp{stampOf(f.Config), stampOf(f.Credentials)}
		if d := mustRead(t, &r, f); d == c {
			t.Error("the change was not seen")
		}
	})
}

func TestTheSameContentIsTheSameConfig(t *testing.T) {
	var r Reader
	f := write(t, "[profile x]\nregion = a\n", "")
	first := mustRead(t, &r, f)
	fresh := f.Config + ".new"
	rewrite(t, fresh, "[profile x]\nregion = a\n")
	if err := os.Rename(fresh, f.Config); err != nil {
		t.Fatal(err)
	}
	if mustRead(t, &r, f) != first {
		t.Error("another Config for the same content")
	}
}

func TestAMissingFileAndTheNullDeviceReadAsEmpty(t *testing.T) {
	r := Reader{Approve: func(p string, _ []byte) error { return errors.New("asked about " + p) }}
	dir := t.TempDir()
	null := filepath.Join(dir, "null")
	if err := os.Symlink(os.DevNull, null); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for _, path := range []string{"", filepath.Join(dir, "missing"), os.DevNull, null} {
		if c := mustRead(t, &r, Files{path, path}); len(c.Names()) != 0 {
			t.Errorf("%q: %q", path, c.Names())
		}
	}
}

func TestARefusedFileHasNoLastGoodConfig(t *testing.T) {
	refusal := &credential.Failure{Code: wire.BadConfig, Reason: "not trusted"}
	var refuse bool
	r := Reader{Approve: func(string, []byte) error {
		if refuse {
			return refusal
		}
		return nil
	}}
	f := write(t, "[profile x]\nregion = a\n", "")
	refuse = true
	if c, err := r.Read(t.Context(), f); c != nil || !errors.Is(err, refusal) {
		t.Errorf("never good: got %v, %v", c, err)
	}
	refuse = false
	mustRead(t, &r, f)
	refuse = true
	rewrite(t, f.Config, "[profile x]\nregion = b\n")
	if c, err := r.Read(t.Context(), f); c != nil || !errors.Is(err, refusal) {
		t.Errorf("got %v, %v", c, err)
	}
	refuse = false
	if v, _ := profile(t, mustRead(t, &r, f), "x").Get("region"); v.Text != "b" {
		t.Errorf("once it is approved, region is %q", v.Text)
	}
	refuse = true
	r.Forget()
	if c, err := r.Read(t.Context(), f); c != nil || err == nil {
		t.Errorf("after Forget: got %v, %v", c, err)
	}
}

func TestForgetInTheMiddleOfAReadHasItApprovedAgain(t *testing.T) {
	withdrawn := errors.New("not trusted")
	for name, before := range map[string]bool{"never read": false, "read before": true} {
		t.Run(name, func(t *testing.T) {
			f := write(t, "[profile x]\nregion = a\n", "")
			settle(t, f.Config, f.Credentials)
			synctest.Test(t, func(t *testing.T) {
				var allowed bool
				began, goOn := make(chan struct{}, 1), make(chan struct{})
				r := Reader{Approve: func(string, []byte) error {
					if !allowed {
						return withdrawn
					}
					select {
					case began <- struct{}{}:
						<-goOn
					default:
					}
					return nil
				}}
				allowed = true
				if before {
					began <- struct{}{}
					mustRead(t, &r, f)
					<-began
					rewrite(t, f.Config, "[profile x]\nregion = b\nrole_arn = c\n")
				}
				read := func() {
					if c, err := r.Read(t.Context(), f); c != nil || !errors.Is(err, withdrawn) {
						t.Errorf("got %v, %v", c, err)
					}
				}
				var wg sync.WaitGroup
				wg.Go(read)
				synctest.Wait() // it has asked and been told yes
				allowed = false
				r.Forget()
				wg.Go(read) // waits for the first
				synctest.Wait()
				close(goOn)
				wg.Wait()
				read()
				if len(r.kept) != 0 {
					t.Error("it was kept")
				}
			})
		})
	}
}

func TestWhatIsApprovedIsWhatIsRead(t *testing.T) {
	f := write(t, "[profile x]\nregion = a\n", "")
	r := Reader{Approve: func(path string, content []byte) error {
		if path == f.Config {
			rewrite(t, path, "[profile x]\nregion = evil\n")
		}
		return nil
	}}
	if v, _ := profile(t, mustRead(t, &r, f), "x").Get("region"); v.Text != "a" {
		t.Errorf("region is %q", v.Text)
	}
}

func TestAtMost16PairsAreKept(t *testing.T) {
	var r Reader
	first := write(t, "[profile x]\n", "")
	mustRead(t, &r, first)
	for range 40 {
		mustRead(t, &r, write(t, "[profile x]\n", ""))
		mustRead(t, &r, first)
	}
	if n := len(r.kept); n != maxKept || r.kept[first] == nil {
		t.Errorf("%d pairs are kept; the one in use among them: %v", n, r.kept[first] != nil)
	}
}

func TestABigFileIsReleased(t *testing.T) {
	var r Reader
	f := write(t, "[profile x]\n", "")
	mustRead(t, &r, f)
	before := heap()
	rewrite(t, f.Config, bigProfiles())
	mustRead(t, &r, f)
	if grown := heap() - before; grown < tenMB {
		t.Fatalf("ten megabytes are kept in %d bytes: this test proves nothing", grown)
	}
	rewrite(t, f.Config, "[profile x]\nregion = a\n")
	settle(t, f.Config)
	mustRead(t, &r, f)
	if now := heap(); now > before+tenMB/10 {
		t.Errorf("%d bytes more than before are kept", now-before)
	}
}

func TestManyCallersOfOneChangedFileReadItOnce(t *testing.T) {
	var mu sync.Mutex
	reads := 0
	f := write(t, "[profile x]\n", "")
	settle(t, f.Config, f.Credentials)
	r := Reader{Approve: func(path string, _ []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if path == f.Config {
			reads++
		}
		return nil
	}}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			<-start
			if _, err := r.Read(t.Context(), f); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if reads != 1 {
		t.Errorf("read %d times", reads)
	}
}

func TestAFileOfTooManySectionsIsRefused(t *testing.T) {
	f := write(t, strings.Repeat("[services x]\n", maxSections+1), "")
	var r Reader
	if c, err := r.Read(t.Context(), f); c != nil || err == nil || !strings.Contains(err.Error(), f.Config) {
		t.Errorf("got %v, %v", c, err)
	}
}
