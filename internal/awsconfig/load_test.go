package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAHalfWrittenFileIsLookedAtAgain(t *testing.T) {
	whole := "[profile a]\nregion = a\n[profile b]\nregion = b\nmfa_serial = b\n"
	for name, half := range map[string]string{
		"empty":         "",
		"profile lost":  "[profile b]\nregion = new\nmfa_serial = new\n",
		"key lost":      "[profile a]\nregion = new\n[profile b]\nregion = new\n",
		"end lost":      "[profile a]\nregion = new\n[profile b]\nregion = new\nmfa_serial = ne",
		"the beginning": "[profile a]\nregion = a\n[profile b]\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := write(t, whole, "")
			synctest.Test(t, func(t *testing.T) {
				var r Reader
				mustRead(t, &r, f)
				// The disk knows nothing of the bubble's clock, so a file gets
				// its time before it gets its place.
				touch := func(content string) {
					fresh := f.Config + ".new"
					rewrite(t, fresh, content)
					if err := errors.Join(os.Chtimes(fresh, time.Now(), time.Now()), os.Rename(fresh, f.Config)); err != nil {
						t.Error(err)
					}
				}
				began := time.Now()
				touch(half)
				go func() {
					time.Sleep(100 * time.Millisecond)
					touch(whole + "[profile c]\n")
				}()
				c := mustRead(t, &r, f)
				if took := time.Since(began); len(c.Names()) != 3 || took > 150*time.Millisecond {
					t.Errorf("read %q after %v", c.Names(), took)
				}
			})
		})
	}
}

func TestAFileThatStaysShortIsBelievedAfter300Milliseconds(t *testing.T) {
	f := write(t, "[profile a]\n[profile b]\n", "")
	synctest.Test(t, func(t *testing.T) {
		var r Reader
		mustRead(t, &r, f)
		began := time.Now()
		rewrite(t, f.Config, "[profile a]\n")
		if err := os.Chtimes(f.Config, began, began); err != nil {
			t.Fatal(err)
		}
		c := mustRead(t, &r, f)
		if took := time.Since(began); len(c.Names()) != 1 || took != lookAgainFor {
			t.Errorf("read %q after %v", c.Names(), took)
		}
		if mustRead(t, &r, f) != c || time.Since(began) != lookAgainFor {
			t.Error("waited again for what was believed")
		}
	})
}

func TestACallerWhoLeavesGetsTheLastGoodConfigAtOnce(t *testing.T) {
	f := write(t, "[profile a]\n", "")
	synctest.Test(t, func(t *testing.T) {
		var r Reader
		good := mustRead(t, &r, f)
		rewrite(t, f.Config, "")
		if err := os.Chtimes(f.Config, time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		c, err := r.Read(ctx, f)
		if c != good || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 50*time.Millisecond {
			t.Errorf("got %v, %v after %v", c, err, time.Since(began))
		}
	})
}

func TestAFileTakenAwayForAMomentIsWaitedFor(t *testing.T) {
	f := write(t, "[profile a]\n", "")
	synctest.Test(t, func(t *testing.T) {
		var r Reader
		mustRead(t, &r, f)
		if err := os.Remove(f.Config); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(50 * time.Millisecond)
			// Whole at once: the file's time is none of the bubble's, so that a half
			// would not look as young as it is.
			rewrite(t, f.Config+".new", "[profile a]\n[profile b]\n")
			if err := os.Rename(f.Config+".new", f.Config); err != nil {
				t.Error(err)
			}
		}()
		if c := mustRead(t, &r, f); len(c.Names()) != 2 {
			t.Errorf("read %q", c.Names())
		}
	})
}

func TestNoEditIsSeenHalfUnderLoad(t *testing.T) {
	var r Reader
	body := strings.Repeat("[profile filler%d]\nregion = a\n", 50)
	content := func(i int) string { return fmt.Sprintf("%s[profile x]\nregion = r%06d\n", body, i) }
	f := write(t, content(0), "")
	mustRead(t, &r, f)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				c, err := r.Read(t.Context(), f)
				if err != nil {
					t.Errorf("under edits: %v", err)
					return
				}
				p, ok := c.Profile("x")
				if !ok {
					t.Errorf("profile x is lost: %v", c.Explain("x"))
					return
				}
				if v, _ := p.Get("region"); len(v.Text) != 7 {
					t.Errorf("half a value: %q", v.Text)
					return
				}
			}
		})
	}
	for i := range 300 {
		rewrite(t, f.Config, content(i))
	}
	close(done)
	wg.Wait()
	if v, _ := profile(t, mustRead(t, &r, f), "x").Get("region"); v.Text != "r000299" {
		t.Errorf("the last edit is not seen: %q", v.Text)
	}
}
