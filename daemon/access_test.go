package daemon

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
	"understudy/internal/wire"
)

// recorded runs f on a log and returns the lines of its file after the end.
func recorded(t *testing.T, f func(a *AccessLog, written func() int)) (lines []accessLine) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "access.log")
	text := func() string { b, _ := os.ReadFile(path); return string(b) }
	synctest.Test(t, func(t *testing.T) {
		a := OpenAccessLog(logfile.New(path, 1<<20), slog.New(slog.DiscardHandler))
		f(a, func() int { return strings.Count(text(), "\n") })
		a.Close()
		a.note(time.Now(), wire.Peer{}, "late", nil, nil) // of an answer that outlived Serve
		a.note(time.Now(), wire.Peer{}, "later", nil, nil)
		a.Close()
	})
	for line := range strings.Lines(text()) {
		var l struct {
			accessLine
			At time.Time `json:"at"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, l.accessLine)
	}
	return lines
}

func TestLinesOfABurstAreWrittenTogetherAndSoon(t *testing.T) {
	lines := recorded(t, func(a *AccessLog, written func() int) {
		for _, profile := range []string{"a", "b", "c"} {
			a.note(time.Now(), wire.Peer{}, profile, nil, errDenied)
		}
		synctest.Wait()
		if n := written(); n != 0 {
			t.Errorf("%d lines are written before the others came", n)
		}
		time.Sleep(2 * lull)
		synctest.Wait()
		if n := written(); n != 3 {
			t.Errorf("%d lines are written after %v", n, 2*lull)
		}
		a.note(time.Now(), wire.Peer{}, "d", nil, nil)
	})
	if len(lines) != 4 || lines[0].Profile != "a" || lines[0].Result != wire.Denied || lines[3].Profile != "d" || lines[3].Result != "ok" {
		t.Errorf("%+v", lines)
	}
}

func TestLinesThatTheDiskCannotTakeAreCounted(t *testing.T) {
	const more = 7
	lines := recorded(t, func(a *AccessLog, _ func() int) {
		for range maxPending + more {
			a.note(time.Now(), wire.Peer{}, "p", nil, nil)
		}
		time.Sleep(2 * lull)
		synctest.Wait()
		a.note(time.Now(), wire.Peer{}, "after", nil, nil)
	})
	if n := len(lines); n != maxPending+1 || lines[n-1].Lost != more || lines[n-2].Lost != 0 {
		t.Errorf("%d lines, the last: %+v", n, lines[n-1])
	}
}

func TestWhoeverLooksFindsWhatWasAskedUntilNow(t *testing.T) {
	recorded(t, func(a *AccessLog, written func() int) {
		for n := range 3 {
			a.note(time.Now(), wire.Peer{}, "a", nil, nil)
			began := time.Now()
			a.Flush()
			if got := written(); got != n+1 || time.Since(began) >= lull {
				t.Errorf("%d lines are written after %v, want %d at once", got, time.Since(began), n+1)
			}
		}
	})
}
