package prompt

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
)

const corp = "sso:https://example.awsapps.com/start"

// opened is a browser that notes what it opened.
type opened struct{ urls []string }

func (o *opened) open(_ context.Context, url string) error {
	o.urls = append(o.urls, url)
	return nil
}

// visiting has the desk ask q until the test's end, and yields what came of it.
func visiting(t *testing.T, d *Desk, q Question) (err <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	came := make(chan error, 1)
	go func() {
		_, err := d.Ask(ctx, q)
		came <- err
	}()
	synctest.Wait()
	return came
}

func TestAPageThatLeadsBackHereIsForABrowserOfThisMachine(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		here   bool
		err    error
	}{
		"with a browser":         {Config{Browse: (&opened{}).open}, true, nil},
		"without one":            {Config{}, false, nil},
		"without a screen":       {Config{Browse: (&opened{}).open, Screen: func() bool { return false }}, false, nil},
		"in the terminal alone":  {Config{Browse: (&opened{}).open, Mode: Terminal}, false, nil},
		"when nobody may be had": {Config{Browse: (&opened{}).open, Mode: None}, false, ErrNobody},
	} {
		t.Run(name, func(t *testing.T) {
			here, err := NewDesk(c.config).Reach(corp)
			if here != c.here || !errors.Is(err, c.err) {
				t.Errorf("got %v, %v; want %v, %v", here, err, c.here, c.err)
			}
		})
	}
}

func TestAPersonElsewhereTakesBackThePageThatLeadsHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		browser := &opened{}
		d := NewDesk(Config{Browse: browser.open})
		came := visiting(t, d, Question{About: corp, Kind: Visit, URL: "https://here.example"})
		s := d.Sit([]string{corp}, true)
		defer s.Leave()
		s.Elsewhere()
		if err := <-came; !errors.Is(err, ErrElsewhere) {
			t.Fatalf("the page that leads here ended in %v", err)
		}
		if here, err := d.Reach(corp); here || err != nil {
			t.Errorf("Reach says %v, %v while she waits", here, err)
		}
		came = visiting(t, d, Question{About: corp, Kind: Visit, URL: "https://anywhere.example", UserCode: "ABCD-EFGH"})
		if len(browser.urls) != 1 {
			t.Errorf("opened %q on this machine", browser.urls)
		}
		if v := s.Look(); !v.Mine || v.Question.UserCode != "ABCD-EFGH" {
			t.Errorf("her terminal is not shown the code: %+v", v)
		}
		s.Leave()
		if here, _ := d.Reach(corp); !here {
			t.Error("it counts after she has left")
		}
		select {
		case err := <-came:
			t.Errorf("the question ended: %v", err)
		default:
		}
	})
}

func TestAPageThatNoBrowserOpensIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{Browse: func(context.Context, string) error { return errNoDialog }})
		if err := <-visiting(t, d, Question{About: corp, Kind: Visit, URL: "https://here.example"}); !errors.Is(err, ErrElsewhere) {
			t.Errorf("it ended in %v", err)
		}
	})
}

func TestWhoAskedHearsThatATerminalShowsThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown := 0
		d := NewDesk(Config{})
		visiting(t, d, Question{About: corp, Kind: Visit, URL: "https://anywhere.example", UserCode: "ABCD-EFGH", Shown: func() { shown++ }})
		s := d.Sit([]string{corp}, false)
		defer s.Leave()
		if shown != 0 {
			t.Fatal("it heard so before")
		}
		s.Answer(s.Look().ID, credential.Secret{})
		if shown != 1 {
			t.Errorf("it heard so %d times", shown)
		}
	})
}

func TestAVisitThatWasClosedIsRefusedAtOnceForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{Browse: (&opened{}).open})
		came := visiting(t, d, Question{About: corp, Kind: Visit, URL: "https://here.example"})
		s := d.Sit([]string{corp}, false)
		s.Refuse(s.Look().ID)
		s.Leave()
		if err := <-came; !errors.Is(err, ErrClosed) {
			t.Fatal(err)
		}
		if _, err := d.Reach(corp); !errors.Is(err, ErrClosed) {
			t.Errorf("Reach says %v at once", err)
		}
		time.Sleep(refusalMemory)
		if _, err := d.Reach(corp); err != nil {
			t.Errorf("Reach says %v later", err)
		}
	})
}
