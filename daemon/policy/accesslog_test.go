package policy

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/logfile"
	"understudy/internal/status"
	"understudy/internal/wire"
)

// recorded runs f on a log and returns the lines of its file after the end.
func recorded(t *testing.T, f func(a *AccessLog, written func() int)) (lines []status.Access) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "access.log")
	content := func() string { b, _ := os.ReadFile(path); return string(b) }
	synctest.Test(t, func(t *testing.T) {
		a := OpenAccessLog(logfile.New(path, 1<<20), slog.New(slog.DiscardHandler))
		f(a, func() int { return strings.Count(content(), "\n") })
		a.Close()
		a.add(status.Access{Profile: "late", Result: "ok"}) // of an answer that outlived Serve
		a.add(status.Access{Profile: "later", Result: "ok"})
		a.Close()
	})
	for line := range strings.Lines(content()) {
		var l struct {
			status.Access
			At time.Time `json:"at"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, l.Access)
	}
	return lines
}

func TestLinesOfABurstAreWrittenTogetherAndSoon(t *testing.T) {
	lines := recorded(t, func(a *AccessLog, written func() int) {
		for _, profile := range []string{"a", "b", "c"} {
			a.add(status.Access{Profile: profile, Result: wire.Denied})
		}
		synctest.Wait()
		if n := written(); n != 0 {
			t.Errorf("%d lines are written before the others came", n)
		}
		time.Sleep(2 * batchDelay)
		synctest.Wait()
		if n := written(); n != 3 {
			t.Errorf("%d lines are written after %v", n, 2*batchDelay)
		}
		a.add(status.Access{Profile: "d", Result: "ok"})
	})
	if len(lines) != 4 || lines[0].Profile != "a" || lines[0].Result != wire.Denied || lines[3].Profile != "d" || lines[3].Result != "ok" {
		t.Errorf("%+v", lines)
	}
}

func TestLinesThatTheDiskCannotTakeAreCounted(t *testing.T) {
	const more = 7
	lines := recorded(t, func(a *AccessLog, _ func() int) {
		for range maxPending + more {
			a.add(status.Access{Profile: "p", Result: "ok"})
		}
		time.Sleep(2 * batchDelay)
		synctest.Wait()
		a.add(status.Access{Profile: "after", Result: "ok"})
	})
	if n := len(lines); n != maxPending+1 || lines[n-1].Lost != more || lines[n-2].Lost != 0 {
		t.Errorf("%d lines, the last: %+v", n, lines[n-1])
	}
}

func TestWhoeverLooksFindsWhatWasAskedUntilNow(t *testing.T) {
	recorded(t, func(a *AccessLog, written func() int) {
		for n := range 3 {
			a.add(status.Access{Profile: "a", Result: "ok"})
			began := time.Now()
			a.Flush()
			if got := written(); got != n+1 || time.Since(began) >= batchDelay {
				t.Errorf("%d lines are written after %v, want %d at once", got, time.Since(began), n+1)
			}
		}
	})
}
