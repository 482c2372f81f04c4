package prompt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
)

const aliceAbout = "mfa arn:aws:iam::111111111111:mfa/alice"

func codeQuestion() Question { return Question{About: aliceAbout, Kind: Code, Text: "MFA code"} }

// asked is an Ask under way.
type asked struct {
	done   chan struct{}
	answer Answer
	err    error
}

func ask(ctx context.Context, d *Desk, q Question) *asked {
	a := &asked{done: make(chan struct{})}
	go func() {
		a.answer, a.err = d.Ask(ctx, q)
		close(a.done)
	}()
	return a
}

func (a *asked) mustBe(t *testing.T, want string, err error) {
	t.Helper()
	<-a.done
	if a.answer.Reveal() != want || !errors.Is(a.err, err) {
		t.Fatalf("got an answer of %d characters, %v; want %q, %v", len(a.answer.Reveal()), a.err, want, err)
	}
}

// fakeDialog is a dialog on a desktop of its own.
type fakeDialog struct {
	mu    sync.Mutex
	shown int
	open  int
	reply chan func() (Answer, error)
}

func (f *fakeDialog) Ask(ctx context.Context, _ Question) (Answer, error) {
	f.mu.Lock()
	f.shown++
	f.open++
	f.mu.Unlock()
	defer func() { f.mu.Lock(); f.open--; f.mu.Unlock() }()
	select {
	case r := <-f.reply:
		return r()
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	}
}

func withDialog(c Config) (*Desk, *fakeDialog) {
	f := &fakeDialog{reply: make(chan func() (Answer, error))}
	c.Dialog = func() (Dialog, error) { return f, nil }
	return NewDesk(c), f
}

func typedCode(s string) func() (Answer, error) {
	return func() (Answer, error) { return credential.NewSecret(s), nil }
}

func TestOneQuestionIsOpenAboutOneThingAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dialog := withDialog(Config{})
		first, second := ask(t.Context(), d, codeQuestion()), ask(t.Context(), d, codeQuestion())
		other := codeQuestion()
		other.About = "mfa of another"
		third := ask(t.Context(), d, other)
		synctest.Wait()
		if dialog.open != 2 || dialog.shown != 2 {
			t.Fatalf("%d dialogs open, want one of each device", dialog.open)
		}
		for _, code := range []string{"111111", "222222", "333333"} {
			dialog.reply <- typedCode(code)
			synctest.Wait()
		}
		got := map[string]bool{}
		for _, a := range []*asked{first, second, third} {
			<-a.done
			got[a.answer.Reveal()] = true
		}
		if len(got) != 3 || dialog.shown != 3 || dialog.open != 0 {
			t.Errorf("answers %d, shown %d, still open %d", len(got), dialog.shown, dialog.open)
		}
	})
}

func TestAClosedDialogIsRememberedForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dialog := withDialog(Config{})
		a := ask(t.Context(), d, codeQuestion())
		dialog.reply <- func() (Answer, error) { return Answer{}, ErrClosed }
		a.mustBe(t, "", ErrClosed)
		ask(t.Context(), d, codeQuestion()).mustBe(t, "", ErrClosed)
		if dialog.shown != 1 {
			t.Errorf("shown %d times", dialog.shown)
		}
		time.Sleep(refusalMemory)
		a = ask(t.Context(), d, codeQuestion())
		dialog.reply <- typedCode("123456")
		a.mustBe(t, "123456", nil)
	})
}

func TestAPersonWhoLogsInLiftsTheMemoryOfAClosedQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dialog := withDialog(Config{})
		a := ask(t.Context(), d, codeQuestion())
		dialog.reply <- func() (Answer, error) { return Answer{}, ErrClosed }
		a.mustBe(t, "", ErrClosed)
		seat := d.Sit([]string{aliceAbout}, true)
		defer seat.Leave()
		a = ask(t.Context(), d, codeQuestion())
		synctest.Wait()
		v := seat.Look()
		if !v.Mine {
			t.Fatal("she is not asked at her terminal")
		}
		seat.Answer(v.ID, credential.NewSecret("123456"))
		a.mustBe(t, "123456", nil)
		if dialog.open != 0 {
			t.Error("the dialog beside her terminal is still open")
		}
	})
}

func TestTheFirstTerminalInLineIsAskedAndTheNextWhenItDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{})
		var line []*Seat
		for range 3 {
			line = append(line, d.Sit([]string{aliceAbout}, false))
		}
		a := ask(t.Context(), d, codeQuestion())
		synctest.Wait()
		mine := func() string {
			var s strings.Builder
			for i, seat := range line {
				if seat.Look().Mine {
					s.WriteString(fmt.Sprint(i))
				}
			}
			return s.String()
		}
		if mine() != "0" {
			t.Fatalf("asked are %q, want the first", mine())
		}
		line[0].Pass()
		if mine() != "1" {
			t.Fatalf("asked are %q, want the second", mine())
		}
		line[1].Leave()
		if mine() != "2" {
			t.Fatalf("asked are %q, want the third", mine())
		}
		line[2].Answer(line[2].Look().ID, credential.NewSecret(" 123 456 "))
		a.mustBe(t, "123456", nil)
		for _, seat := range line {
			if seat.Look().ID != "" {
				t.Error("the question is still open")
			}
		}
	})
}

func TestWithoutATerminalItIsLonelyAfterTheGraceAndStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{})
		seat := d.Sit([]string{aliceAbout}, false)
		a := ask(t.Context(), d, codeQuestion())
		synctest.Wait()
		seat.Pass()
		if seat.Look().Lonely {
			t.Fatal("lonely before another had the time to come")
		}
		time.Sleep(defaultGrace)
		synctest.Wait()
		<-seat.Changed()
		if !seat.Look().Lonely {
			t.Fatal("not lonely after the grace")
		}
		seat.Leave()
		late := d.Sit([]string{aliceAbout}, false)
		synctest.Wait()
		v := late.Look()
		if !v.Mine || v.Lonely {
			t.Fatalf("who comes later is not asked: %+v", v)
		}
		late.Answer(v.ID, credential.NewSecret("123456"))
		a.mustBe(t, "123456", nil)
		late.Leave()
		if len(d.matters[aliceAbout].line) != 0 {
			t.Error("somebody still has a seat")
		}
	})
}

func TestNobodyIsAskedWithPromptNoneButWhoLogsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dialog := withDialog(Config{Mode: None})
		ask(t.Context(), d, codeQuestion()).mustBe(t, "", ErrNobody)
		plain := d.Sit([]string{aliceAbout}, false)
		login := d.Sit([]string{aliceAbout}, true)
		a := ask(t.Context(), d, codeQuestion())
		synctest.Wait()
		if plain.Look().Mine || !login.Look().Mine || dialog.shown != 0 {
			t.Error("the wrong one is asked")
		}
		login.Answer(login.Look().ID, credential.NewSecret("123456"))
		a.mustBe(t, "123456", nil)
	})
}

func TestWithPromptGUINoTerminalIsAskedUnbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{Mode: GUI})
		seat := d.Sit([]string{aliceAbout}, false)
		a := ask(t.Context(), d, codeQuestion())
		time.Sleep(defaultGrace)
		synctest.Wait()
		if v := seat.Look(); v.Mine || !v.Lonely {
			t.Errorf("%+v", v)
		}
		a.mustBe(t, "", ErrExpired)
	})
}

func TestAQuestionIsOpenForThreeMinutesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dialog := withDialog(Config{})
		began := time.Now()
		ask(t.Context(), d, codeQuestion()).mustBe(t, "", ErrExpired)
		if took := time.Since(began); took != defaultLimit || dialog.open != 0 {
			t.Errorf("after %v, %d dialogs still open", took, dialog.open)
		}
	})
}

func TestACodeIsGivenAwayOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dialog := withDialog(Config{})
		a := ask(t.Context(), d, codeQuestion())
		dialog.reply <- typedCode("123456")
		a.mustBe(t, "123456", nil)
		a = ask(t.Context(), d, codeQuestion())
		dialog.reply <- typedCode("123 456")
		synctest.Wait()
		dialog.reply <- typedCode("654321")
		a.mustBe(t, "654321", nil)
	})
}

func TestWhatAnswersInAPersonsPlaceIsAskedAgainWithTheNextCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{Mode: None})
		q := codeQuestion()
		q.Instead = func(context.Context) (Answer, error) {
			return credential.NewSecret(fmt.Sprintf("%06d", time.Now().Unix()/30%1000000)), nil
		}
		began := time.Now()
		first := ask(t.Context(), d, q)
		<-first.done
		second := ask(t.Context(), d, q)
		<-second.done
		if first.err != nil || second.err != nil || first.answer.Equal(second.answer) || time.Since(began) > codeStep {
			t.Errorf("%v, %v, after %v", first.err, second.err, time.Since(began))
		}
		q.Instead = func(context.Context) (Answer, error) { return second.answer, nil }
		ask(t.Context(), d, q).mustBe(t, "", ErrSpent)
		q.Instead = func(context.Context) (Answer, error) { return Answer{}, errors.New("no device") }
		if a := ask(t.Context(), d, q); true {
			<-a.done
			if a.err == nil || a.err.Error() != "no device" {
				t.Error(a.err)
			}
		}
	})
}

func TestAVisitIsShownUntilItsFlowEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := 0
		d := NewDesk(Config{Browse: func(context.Context, string) error { opened++; return nil }})
		q := Question{About: "sso corp", Kind: Visit, Text: "log in", URL: "https://example.com/"}
		ctx, cancel := context.WithCancel(t.Context())
		a := ask(ctx, d, q)
		synctest.Wait()
		if opened != 1 || !d.Asking([]string{"sso corp"}) {
			t.Fatalf("opened %d times", opened)
		}
		cancel()
		a.mustBe(t, "", context.Canceled)

		d = NewDesk(Config{Browse: func(context.Context, string) error { return errNoDialog }})
		q.UserCode = "ABCD-EFGH" // so that any browser will do
		seat := d.Sit([]string{"sso corp"}, false)
		ctx, cancel = context.WithCancel(t.Context())
		a = ask(ctx, d, q)
		synctest.Wait()
		v := seat.Look()
		if !v.Mine || v.Question.URL != q.URL {
			t.Fatalf("%+v", v)
		}
		seat.Answer(v.ID, Answer{})
		synctest.Wait()
		if !d.Asking([]string{"sso corp"}) {
			t.Error("a page that is shown is no answer")
		}
		cancel()
		a.mustBe(t, "", context.Canceled)
	})
}

func TestAThousandWaitAndOneIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDesk(Config{})
		seats := make([]*Seat, 1000)
		for i := range seats {
			seats[i] = d.Sit([]string{aliceAbout}, false)
		}
		a := ask(t.Context(), d, codeQuestion())
		synctest.Wait()
		for i, s := range seats[:999] {
			if !s.Look().Mine {
				t.Fatalf("number %d is not asked in its turn", i)
			}
			s.Pass()
		}
		last := seats[999]
		if v := seats[0].Look(); v.Lonely || v.Mine {
			t.Errorf("%+v", v)
		}
		last.Answer(last.Look().ID, credential.NewSecret("123456"))
		a.mustBe(t, "123456", nil)
	})
}
